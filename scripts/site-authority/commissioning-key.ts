import { issueSigner } from './certificates.ts';
import { LIFE_DAYS, leafValidity } from './dates.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE } from './durable-file.ts';
import type { Register } from './register.ts';
import { readIssuing, siteFile } from './site-files.ts';

export interface CommissioningKey {
  readonly dir: string;
  readonly site: string;
  readonly register: Register;
  readonly by: string;
  readonly nowMs: number;
}

/**
 * A key with which the broker signs certificates of acceptance, its own certificate, and behind it the issuing authority's: whoever
 * trusts the site's top can verify them. Rejects with WP4402, WP4405, WP4410 or WP4412.
 */
export async function makeCommissioningKey({
  dir,
  site,
  register,
  by,
  nowMs,
}: CommissioningKey): Promise<void> {
  const issuing = await readIssuing(dir);
  const validity = leafValidity(issuing, { kind: 'signer', days: LIFE_DAYS.signer, nowMs });
  const { key, certificate, serial } = await issueSigner(issuing, { site, validity });
  const name = `commissioning ${serial.slice(0, 8)}`;
  register.add(
    {
      serial,
      kind: 'signer',
      name,
      ...validity,
      issuedMs: nowMs,
      issuedBy: by,
      issuer: issuing.certificate.serialNumber,
    },
    'beside',
  );
  const between = `${issuing.certificate.toString('pem')}\n`;
  replaceFile(siteFile(dir, 'commissioningKey'), key, SECRET_MODE);
  replaceFile(siteFile(dir, 'commissioningCertificate'), certificate + between, PUBLIC_MODE);
}
