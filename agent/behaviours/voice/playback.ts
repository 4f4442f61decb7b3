import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Gain, Speaker } from '../../ports/speaker.ts';
import type { Clip } from './clips.ts';

/** A player may take this much longer than the clip lasts (start-up, buffers) before it counts as hanging. */
export const PLAYER_MARGIN_MS = 3000;

/** A stopped player may take this long to let go of the sound device before the next one starts. */
export const PLAYER_STOP_MS = 250;

/** How a clip came to its end. `error` is why nobody heard it (all of it), where that is so. */
export interface Playback {
  readonly ended: 'finished' | 'stopped';
  readonly error: WatchpostError | null;
}

export interface Player {
  readonly clock: Clock;
  readonly speaker: Speaker;
  readonly gain: Gain;
}

/**
 * Plays one clip and returns within its duration plus a margin whatever the player does. Where the player
 * fails, the time that the clip would have taken still passes, so that prompts keep their pace in silence.
 */
export async function playClip(player: Player, clip: Clip, signal: AbortSignal): Promise<Playback> {
  if (signal.aborted) return { ended: 'stopped', error: null };
  const { clock } = player;
  const startedMs = clock.monoMs();
  const error = await listen(player, clip, signal);
  // Whoever speaks now is to know at once that nobody hears it.
  if (error !== null && !signal.aborted && clip.recording === undefined)
    await pause(clock, startedMs + clip.durationMs - clock.monoMs(), signal);
  return { ended: signal.aborted ? 'stopped' : 'finished', error };
}

/** The result of what plays, or nothing once it was told to stop and had its time to let go of the sound device. */
export async function endedOrStopped(
  clock: Clock,
  playing: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  let cancel: Cancel = () => undefined;
  const onAbort = () => {
    cancel = clock.after(PLAYER_STOP_MS, stopped.resolve);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([playing, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    cancel();
    playing.catch(() => undefined);
  }
}

async function listen(
  { clock, speaker, gain }: Player,
  clip: Clip,
  signal: AbortSignal,
): Promise<WatchpostError | null> {
  const player = new AbortController();
  const playing = play(() => speaker.play(clip.recording ?? clip.file, player.signal, gain), clip.file);
  const first = await race(clock, playing, clip.durationMs + PLAYER_MARGIN_MS, signal);
  if (first !== 'timeout' && first !== 'stopped') return first.error;
  player.abort();
  await race(clock, playing, PLAYER_STOP_MS, null);
  return first === 'stopped' ? null : new WatchpostError('WP2502', { detail: clip.file });
}

/** Never rejects, so that a player which fails after we gave up on it disturbs nobody. */
async function play(begin: () => Promise<void>, file: string): Promise<{ error: WatchpostError | null }> {
  try {
    await begin();
    return { error: null };
  } catch (cause) {
    if (cause instanceof WatchpostError) return { error: cause };
    return { error: new WatchpostError('WP2505', { detail: file, cause }) };
  }
}

/** What comes first: the result, the time limit or the signal. Leaves no timer and no listener behind. */
function race<T>(
  clock: Clock,
  result: Promise<T>,
  limitMs: number,
  signal: AbortSignal | null,
): Promise<T | 'timeout' | 'stopped'> {
  return new Promise((resolve) => {
    const settle = (value: T | 'timeout' | 'stopped') => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    };
    const onAbort = () => settle('stopped');
    const cancel = clock.after(limitMs, () => settle('timeout'));
    signal?.addEventListener('abort', onAbort, { once: true });
    result.then(settle, () => settle('timeout'));
  });
}

/** Lets time pass, or not when the signal comes first. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0) return;
  await race(clock, new Promise<never>(() => undefined), delayMs, signal);
}
