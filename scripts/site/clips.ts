import { existsSync } from 'node:fs';
import type { SimClips } from '#agent/simulation.ts';
import { WatchpostError } from '#contract/errors.ts';
import { CLIPS_DIR, drawClips } from '../clips/draw.ts';

export type PreparedClips = SimClips;

/**
 * What the simulated camera can see: the drawn clip in which a bag is left and then the quiet hall, or the operator's
 * own video, played once. Null where nothing
 * can be drawn (no GStreamer): the device then runs without vision, and says so.
 */
export async function prepareClips({
  given,
  say,
}: {
  given?: string;
  say: (line: string) => void;
}): Promise<PreparedClips | null> {
  try {
    const drawn = await drawClips(CLIPS_DIR, () =>
      say('Drawing what the robot’s camera sees (once, about 10 s)…'),
    );
    if (given === undefined)
      return { clips: { ...drawn }, next: { bag: 'quiet', quiet: 'quiet' }, clip: 'bag' };
    return { clips: { ...drawn, bag: given }, next: { quiet: 'quiet' }, clip: 'bag' };
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    say(`The robot’s camera has no clip to see: ${error.message} → ${error.hint}`);
    return given === undefined ? null : { clips: { bag: given }, next: {}, clip: 'bag' };
  }
}

/** @throws WatchpostError WP5024 when the operator's video is not there */
export function requireClip(file: string): void {
  if (existsSync(file)) return;
  throw new WatchpostError('WP5024', {
    detail: `--clip ${file} is not there`,
    hint: 'Name a video file that exists.',
  });
}
