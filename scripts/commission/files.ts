import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateFile, certificateFileName } from '#contract/commission/certificate.ts';
import type { CommissionLanguage } from '#contract/commission/words.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE } from '../site-authority/durable-file.ts';
import type { SiteAccess } from './site-access.ts';
import { pictureFile } from './verify.ts';

export interface SavedCertificate {
  readonly json: string;
  /** Null where it could not be drawn: `trouble` says why. */
  readonly pdf: string | null;
  readonly pictures: string;
  readonly text: string;
  readonly trouble: WatchpostError | null;
}

/** Fetches the certificate of a run with its pictures, and the same for people. Rejects as SiteAccess does. */
export async function saveCertificate(
  site: SiteAccess,
  runId: string,
  { dir, language }: { dir: string; language: CommissionLanguage },
): Promise<SavedCertificate> {
  const text = await site.certificate(runId);
  const { certificate } = CertificateFile.parse(JSON.parse(text));
  const name = certificateFileName(certificate);
  const pictures = join(dir, 'pictures');
  mkdirSync(pictures, { recursive: true, mode: 0o700 });
  const json = join(dir, name);
  replaceFile(json, text, PUBLIC_MODE);
  for (const picture of certificate.steps.flatMap((step) => step.pictures)) {
    replaceFile(join(pictures, pictureFile(picture)), await site.picture(runId, picture.blobId), SECRET_MODE);
  }
  const pdf = json.replace(/json$/, 'pdf');
  try {
    replaceFile(pdf, await site.paper(runId, language), SECRET_MODE);
    return { json, pdf, pictures, text, trouble: null };
  } catch (error) {
    // The paper is a copy: for want of a font the certificate itself is not lost.
    if (!(error instanceof WatchpostError) || !isErrorCode(error.code)) throw error;
    return { json, pdf: null, pictures, text, trouble: error };
  }
}
