import type { VisionReport } from '#agent/ports/vision.ts';
import { type FilmstripPicture, MOMENTS, type StoredFile } from '#agent/ports/vision-evidence.ts';
import type { BlobReference, EventData, Place } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import { BLOB_PIECE_BYTES } from '#contract/messages.ts';

export type ObjectReport = Extract<VisionReport, { kind: 'object' }>;
export type ReportedPicture = StoredFile;
type ObjectEvent = EventData<'wp.object.left.v1'>;

/** A file to be sent to the site, and how it is announced. */
export interface Attachment {
  readonly reference: BlobReference;
  readonly file: string;
}

const EVENT_OF = {
  left: 'wp.object.left.v1',
  updated: 'wp.object.updated.v1',
  reclaimed: 'wp.object.reclaimed.v1',
  removed: 'wp.object.removed.v1',
} as const satisfies Record<ObjectReport['change'], EventType>;

/** Kinds of evidence with the endings of their files. */
const ENDINGS: Readonly<Record<string, string>> = { 'image/png': '.png', 'video/webm': '.webm' };
/** A file's name as the vision process makes them, without its ending: no path, nothing hidden. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** The site takes no larger whole. */
const MAX_BYTES = 16 * 1024 * 1024;

export const eventTypeOf = (report: ObjectReport): (typeof EVENT_OF)[ObjectReport['change']] =>
  EVENT_OF[report.change];

/** How a file is announced; null for one that does not fit, since the child is not trusted. */
export function referenceOf({ file, mediaType, bytes, sha256 }: StoredFile): BlobReference | null {
  const ending = ENDINGS[mediaType];
  if (ending === undefined || !file.endsWith(ending)) return null;
  const blobId = file.slice(0, -ending.length);
  if (!FILE_NAME.test(blobId) || bytes < 1 || bytes > MAX_BYTES || !SHA256.test(sha256)) return null;
  return { blobId, mediaType, bytes, pieces: Math.ceil(bytes / BLOB_PIECE_BYTES), sha256 };
}

/** What goes with the event: pictures first, the film last. A file that is in it twice is sent once. */
export function attachmentsOf({ picture, filmstrip = [], clip }: ObjectReport): Attachment[] {
  const files = [picture, ...filmstrip.map((each) => each.picture), clip];
  const found = new Map<string, Attachment>();
  for (const stored of files) {
    const reference = stored === undefined ? null : referenceOf(stored);
    if (stored !== undefined && reference !== null) found.set(stored.file, { reference, file: stored.file });
  }
  return [...found.values()];
}

/** The data of the event, cut to what the wire allows. */
export function eventDataOf(report: ObjectReport, place: Place, camera: string): ObjectEvent {
  const { objectId, box, score, reason, t, since, state, measurements, zone } = report;
  return {
    place,
    objectId: objectId.slice(0, 64),
    box,
    score: Math.min(1, Math.max(0, score)),
    reason: reason.slice(0, 400),
    t,
    since,
    camera,
    ...(state === undefined ? {} : { state }),
    ...(measurements === undefined ? {} : { measurements }),
    ...(zone === undefined ? {} : { zone: zone.slice(0, 32) }),
    ...evidenceOf(report),
  };
}

function evidenceOf(report: ObjectReport): Pick<ObjectEvent, 'picture' | 'filmstrip' | 'clip'> {
  const picture = report.picture === undefined ? null : referenceOf(report.picture);
  const clip = report.clip === undefined ? null : referenceOf(report.clip);
  const filmstrip = MOMENTS.flatMap((moment) => momentOf(report.filmstrip, moment));
  return {
    ...(picture === null ? {} : { picture }),
    ...(filmstrip.length === 0 ? {} : { filmstrip }),
    ...(clip === null ? {} : { clip }),
  };
}

/** The picture of one moment, if it fits; each moment once. */
function momentOf(
  strip: readonly FilmstripPicture[] | undefined,
  moment: FilmstripPicture['moment'],
): NonNullable<ObjectEvent['filmstrip']> {
  const found = strip?.find((each) => each.moment === moment);
  const picture = found === undefined ? null : referenceOf(found.picture);
  return found === undefined || picture === null ? [] : [{ moment, t: found.t, picture }];
}
