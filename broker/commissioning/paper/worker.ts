import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { Certificate } from '#contract/commission/certificate.ts';
import { COMMISSION_LANGUAGES } from '#contract/commission/words.ts';
import { WatchpostError } from '#contract/errors.ts';
import { drawPaper } from './draw.ts';

/** The thread of {@link printPaper}: a font of 5 MB and its tables are gone with it. */
const order = z
  .object({
    certificate: Certificate,
    language: z.enum(COMMISSION_LANGUAGES),
    fingerprint: z.string(),
    file: z.string(),
    pictures: z.map(z.string(), z.instanceof(Uint8Array)),
  })
  .parse(workerData);

try {
  parentPort?.postMessage({ pdf: await drawPaper(order) });
} catch (error) {
  const known = error instanceof WatchpostError;
  parentPort?.postMessage({
    code: known ? error.code : null,
    detail: known ? (error.detail ?? '') : String(error),
  });
}
