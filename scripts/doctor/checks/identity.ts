import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_AT_MS } from '#agent/core/device-clock.ts';
import { hasTpm, unsealKey } from '#agent/installer/identity/tpm.ts';
import { SEALED_KEY } from '#agent/link/identity/device-keys.ts';
import { type Identity, readIdentity } from '#agent/link/transport.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, failedBy, ok, skipped, warning } from '../finding.ts';

const DAY_MS = 86_400_000;
/** As the broker's own warning (WP3316). */
const SOON_MS = 30 * DAY_MS;
const OTHERS = 0o077;

/** The device's key and certificate, and those of the authority that it trusts. */
export const identityCheck: Check = {
  name: 'identity',
  examine: async ({ identityDir, machine }) => {
    if (identityDir === null) return [skipped('identity', 'no folder: give --identity')];
    try {
      const { secret, key } = await keyIn(identityDir);
      if (key === null) return [secret];
      const [cert, ca] = ['cert.pem', 'ca.pem'].map((name) => readFileSync(join(identityDir, name)));
      if (cert === undefined || ca === undefined) return [secret];
      return [secret, ...certificateFindings({ key, cert, ca }, machine.nowMs())];
    } catch (cause) {
      return [failedBy('identity', cause, 'WP4708')];
    }
  },
};

interface FoundKey {
  readonly secret: Finding;
  /** PEM; null where it cannot be opened. */
  readonly key: Buffer | null;
}

async function keyIn(dir: string): Promise<FoundKey> {
  const sealed = join(dir, SEALED_KEY);
  if (!existsSync(sealed)) {
    const { key } = readIdentity(dir);
    return { secret: secretFinding(dir), key };
  }
  if (!hasTpm()) return { secret: failed('private key', { code: 'WP4746', detail: sealed }), key: null };
  try {
    const key = await unsealKey(sealed);
    return { secret: ok('private key', `${sealed} is opened by the TPM of this machine`), key };
  } catch (cause) {
    return { secret: failedBy('private key', cause, 'WP4424'), key: null };
  }
}

function secretFinding(dir: string): Finding {
  const file = join(dir, 'key.pem');
  const mode = statSync(file).mode & 0o777;
  const shown = `${file} has mode ${mode.toString(8)}`;
  if ((mode & OTHERS) === 0) return ok('private key', shown);
  return failed('private key', { code: 'WP4709', detail: shown, remedy: `chmod 600 ${file}` });
}

function certificateFindings({ key, cert, ca }: Identity, nowMs: number): Finding[] {
  const own = new X509Certificate(cert);
  const authorities = certificatesIn(ca);
  return [
    belongingFinding(own, key, authorities),
    validityFinding('certificate', own, nowMs),
    ...authorities.map((authority) => validityFinding('authority', authority, nowMs)),
  ];
}

function belongingFinding(
  own: X509Certificate,
  key: Buffer,
  authorities: readonly X509Certificate[],
): Finding {
  const what = 'certificate and key';
  if (!own.checkPrivateKey(createPrivateKey(key)))
    return failed(what, { code: 'WP4708', detail: 'key.pem is not the key of cert.pem' });
  const isIssued = authorities.some((each) => own.checkIssued(each) && own.verify(each.publicKey));
  // The authority in ca.pem is the broker's; a device may be of one below it, whose certificate the broker has.
  return ok(
    what,
    `${nameOf(own)}, ${isIssued ? 'issued by the authority in ca.pem' : `issued by ${oneLine(own.issuer)}`}`,
  );
}

function validityFinding(what: string, cert: X509Certificate, nowMs: number): Finding {
  const from = Date.parse(cert.validFrom);
  const to = Date.parse(cert.validTo);
  const shown = `${nameOf(cert)}, valid ${dayOf(from)} to ${dayOf(to)}`;
  // What the agent does without a clock: it takes the time at which it was made for the least that it can be.
  const judgedMs = Math.max(nowMs, BUILT_AT_MS);
  if (judgedMs > to) return failed(what, { code: 'WP4705', detail: shown });
  if (judgedMs < from) return failed(what, { code: 'WP4707', detail: shown });
  if (judgedMs > to - SOON_MS)
    return warning(what, {
      code: 'WP4706',
      detail: `${shown}, ${Math.floor((to - judgedMs) / DAY_MS)} days from now`,
    });
  return ok(what, shown);
}

function certificatesIn(pem: Buffer): X509Certificate[] {
  const blocks =
    pem.toString('utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

const nameOf = ({ subject }: X509Certificate): string => /CN=([^\n]+)/.exec(subject)?.[1] ?? oneLine(subject);
const oneLine = (text: string): string => text.replaceAll('\n', ', ');
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
