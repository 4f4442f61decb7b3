import * as z from 'zod';
import { Place } from '../event-data.ts';
import { DEVICE_ROLES } from '../http.ts';
import { Doer, RESULTS, Step } from './run.ts';

/** What of the device can be told apart from another of its model. */
const Serials = z.strictObject({
  /** Of its certificate, hexadecimal digits; null for a device without one. */
  certificate: z.string().nullable(),
  certificateExpiresAt: z.string().nullable(),
  bundle: z.strictObject({ generation: z.int(), digest: z.string() }).nullable(),
  versions: z.record(z.string(), z.string()),
  /** Of boards and other parts, as far as the device tells them. */
  parts: z.record(z.string(), z.string()),
});

/** What is signed: a device as it was found, step by step (docs/commissioning.md). */
export const Certificate = z.strictObject({
  format: z.literal(1),
  /** Also of the run. */
  id: z.string().max(64),
  site: z.string(),
  device: z.string(),
  place: Place.nullable(),
  profile: z.strictObject({ name: z.string(), version: z.int(), kind: z.enum(DEVICE_ROLES) }).nullable(),
  serials: Serials,
  startedAt: z.iso.datetime(),
  startedBy: Doer,
  finishedAt: z.iso.datetime(),
  finishedBy: Doer,
  result: z.enum(RESULTS),
  remark: z.string().nullable(),
  steps: z.array(Step.omit({ prompt: true })).min(1),
  /** The newest row of the site's audit chain when it was signed, and the version of the broker. */
  madeBy: z.strictObject({ broker: z.string(), auditRow: z.int(), auditHash: z.string() }),
});
export type Certificate = z.infer<typeof Certificate>;

/** The file: readable, and signed over its canonical form (RFC 8785), which is the payload of the JWS (RFC 7515). */
export const CertificateFile = z.strictObject({
  certificate: Certificate,
  /** Compact, ES256. Its header has the signer's certificates (`x5c`), or its key alone (`jwk`) at a site without an authority. */
  signature: z.string().max(1_000_000),
});
export type CertificateFile = z.infer<typeof CertificateFile>;

export const SIGNATURE_TYPE = 'watchpost-commissioning+jws';
/** id-kp-documentSigning, RFC 9336: certificates of devices and of the broker do not have it. */
export const DOCUMENT_SIGNING = '1.3.6.1.5.5.7.3.36';

/** Name of its file, the same at the site and with whoever keeps it: `mall.pillar-001-20261122-2015.json`. */
export const certificateFileName = ({ site, device, finishedAt }: Certificate): string =>
  `${site}.${device}-${finishedAt.slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')}.json`;
