import type { VisionReport } from '#agent/ports/vision.ts';
import type { BlobReference, EventData, Place } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import { BLOB_PIECE_BYTES } from '#contract/messages.ts';

export type ObjectReport = Extract<VisionReport, { kind: 'object' }>;
export type ReportedPicture = NonNullable<ObjectReport['picture']>;

const EVENT_OF = {
  left: 'wp.object.left.v1',
  updated: 'wp.object.updated.v1',
  reclaimed: 'wp.object.reclaimed.v1',
  removed: 'wp.object.removed.v1',
} as const satisfies Record<ObjectReport['change'], EventType>;

/** A file's name as the vision process makes them: no path, nothing hidden. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,90}\.png$/;
const SHA256 = /^[0-9a-f]{64}$/;

export const eventTypeOf = (report: ObjectReport): (typeof EVENT_OF)[ObjectReport['change']] =>
  EVENT_OF[report.change];

/** How the picture is announced; null for one that does not fit, since the child is not trusted. */
export function referenceOf(picture: ReportedPicture): BlobReference | null {
  const { file, mediaType, bytes, sha256 } = picture;
  if (!FILE_NAME.test(file) || bytes < 1 || !SHA256.test(sha256) || mediaType !== 'image/png') return null;
  const blobId = file.slice(0, -'.png'.length).slice(0, 64);
  return { blobId, mediaType, bytes, pieces: Math.ceil(bytes / BLOB_PIECE_BYTES), sha256 };
}

/** The data of the event, cut to what the wire allows. */
export function eventDataOf(
  report: ObjectReport,
  place: Place,
  camera: string,
  picture: BlobReference | null,
): EventData<'wp.object.left.v1'> {
  const { objectId, box, score, reason, t, since } = report;
  return {
    place,
    objectId: objectId.slice(0, 64),
    box,
    score: Math.min(1, Math.max(0, score)),
    reason: reason.slice(0, 400),
    t,
    since,
    camera,
    ...(picture === null ? {} : { picture }),
  };
}
