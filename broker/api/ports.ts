import type { Readable } from 'node:stream';
import type { EventItem } from '#contract/http.ts';
import type { DeviceAddress } from '#contract/names.ts';

export interface EventQuery {
  readonly device: DeviceAddress | null;
  readonly type: string | null;
  /** Only rows below this one; newest first. */
  readonly before: number;
  readonly limit: number;
}

export interface EventReader {
  list(query: EventQuery): readonly EventItem[];
}

/** Content whose pieces have all arrived and whose SHA-256 was right. */
export interface Evidence {
  readonly mediaType: string;
  readonly bytes: number;
  open(): Readable;
}

export interface EvidenceReader {
  find(blobId: string): Evidence | null;
}
