import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, readAuthority } from './certificates.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE, syncFolder } from './durable-file.ts';
import { readIssuing, readRoot, readSecret, siteFile } from './site-files.ts';

/** Those before the present one: `SERIAL.crt`, and `SERIAL.key` while they still sign the list of what they took back. */
const FORMER = 'former';

/** All that sign a list of their own: the present one first. Rejects with WP4402 or WP4412. */
export async function listingAuthorities(dir: string): Promise<readonly Authority[]> {
  const former = formerSerials(dir).filter((serial) => existsSync(formerFile(dir, serial, 'key')));
  const others = former.map((serial) =>
    readAuthority({
      key: readSecret(formerFile(dir, serial, 'key')),
      certificate: readFileSync(formerFile(dir, serial, 'crt'), 'utf8'),
    }),
  );
  return [await readIssuing(dir), ...(await Promise.all(others))];
}

/** Certificates of those before the present one. */
export const formerAuthorities = (dir: string): readonly X509Certificate[] =>
  formerSerials(dir).map((serial) => new X509Certificate(readFileSync(formerFile(dir, serial, 'crt'))));

/** Whom the broker knows: all that have ever issued, so that it can say what was taken back, and the top. */
export function publishAuthorities(dir: string): void {
  const present = readFileSync(siteFile(dir, 'issuingCertificate'), 'utf8');
  const former = formerAuthorities(dir).map((certificate) => certificate.toString());
  replaceFile(
    join(siteFile(dir, 'tls'), 'ca.crt'),
    [present, ...former, readRoot(dir)].join(''),
    PUBLIC_MODE,
  );
}

/** Puts another in the place of the present one, which goes to those before. */
export function succeed(dir: string, next: { readonly key: string; readonly certificate: string }): void {
  const [key, certificate] = [siteFile(dir, 'issuingKey'), siteFile(dir, 'issuingCertificate')];
  const serial = serialOf(new X509Certificate(readFileSync(certificate)));
  mkdirSync(formerFolder(dir), { recursive: true, mode: 0o700 });
  // Copied before it is replaced: cut off in between, the present one stands in both places, which does no harm.
  replaceFile(formerFile(dir, serial, 'key'), readSecret(key), SECRET_MODE);
  replaceFile(formerFile(dir, serial, 'crt'), readFileSync(certificate), PUBLIC_MODE);
  replaceFile(`${key}.next`, next.key, SECRET_MODE);
  replaceFile(`${certificate}.next`, next.certificate, PUBLIC_MODE);
  renameSync(`${key}.next`, key);
  renameSync(`${certificate}.next`, certificate);
  syncFolder(join(dir, 'authority'));
}

/** Former ones that were taken back sign nothing any more. */
export function forgetFormerKeys(dir: string): void {
  for (const serial of formerSerials(dir)) rmSync(formerFile(dir, serial, 'key'), { force: true });
}

export const serialOf = ({ serialNumber }: X509Certificate): string => serialNumber.toLowerCase();

function formerSerials(dir: string): readonly string[] {
  if (!existsSync(formerFolder(dir))) return [];
  return readdirSync(formerFolder(dir)).flatMap((name) => /^([0-9a-f]+)\.crt$/.exec(name)?.[1] ?? []);
}

const formerFolder = (dir: string): string => join(dir, 'authority', FORMER);

const formerFile = (dir: string, serial: string, kind: 'key' | 'crt'): string =>
  join(formerFolder(dir), `${serial}.${kind}`);
