import * as z from 'zod';

/** A film of what happened around an event, under the same rule as every picture. Absent: no films. */
export const ClipConfig = z.strictObject({
  /** Seconds kept in memory before an event, and recorded after it. */
  beforeS: z.number().min(0).max(30).default(5),
  afterS: z.number().min(0).max(60).default(10),
});
export type ClipConfig = z.infer<typeof ClipConfig>;

/** A file in the evidence folder. */
export const StoredFile = z.object({
  file: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
});
export type StoredFile = z.infer<typeof StoredFile>;

export const MOMENTS = ['before', 'put-down', 'alone', 'now'] as const;

/** One picture of the filmstrip; `t`: seconds of stream time. */
export const FilmstripPicture = z.object({ moment: z.enum(MOMENTS), t: z.number(), picture: StoredFile });
export type FilmstripPicture = z.infer<typeof FilmstripPicture>;

/** A film as its frames: 8-bit grey, rows from the top without padding. */
export interface RawFilm {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  frames(): Iterable<Uint8Array>;
}

/** Makes a film that a browser plays. */
export interface FilmEncoder {
  readonly mediaType: string;
  /** With its dot. */
  readonly ending: string;
  /** Writes `film` to `path`. Rejects with WP2430 where there is no encoder, WP2431 when it fails or is aborted. */
  encode(film: RawFilm, path: string, signal: AbortSignal): Promise<void>;
}
