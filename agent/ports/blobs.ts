import type { BlobReference } from '#contract/event-data.ts';

/** Sends files to the site in pieces, after everything else; goes on where it was after a restart. */
export interface BlobSender {
  /** `file` must stay unchanged until sent. A blob already known by its id is not queued again. */
  send(reference: BlobReference, file: string): void;
}
