import * as z from 'zod';
import type { DeviceClock } from '../../ports/clock.ts';

/** Under which the bypasses are kept. */
export const BYPASS_KEY = 'bypass';

/** One input that is bypassed. */
export interface Bypass {
  readonly input: string;
  readonly reason: string;
  readonly by?: string | undefined;
  /** Milliseconds since the machine booted. */
  readonly endsAtMs: number;
  /** By the wall clock, where another boot knew it: it ends by then, as soon as this boot knows the time too. */
  readonly endsAtWallMs: number | null;
  /** Alarms that were not raised. */
  readonly suppressed: number;
}

export const KeptBypasses = z.object({
  version: z.literal(1),
  bootId: z.string(),
  /** Milliseconds since boot at which it was written. */
  savedMs: z.number(),
  bypasses: z
    .array(
      z.object({
        input: z.string(),
        reason: z.string(),
        by: z.string().optional(),
        remainingMs: z.number(),
        endsAtWallMs: z.number().nullable(),
        suppressed: z.int().min(0),
      }),
    )
    .max(1000),
});
export type KeptBypasses = z.infer<typeof KeptBypasses>;

export function keptBypasses(bypasses: Iterable<Bypass>, clock: DeviceClock): KeptBypasses {
  const nowMs = clock.sinceBootMs();
  const wallMs = clock.quality() === 'unset' ? null : clock.wallMs();
  return {
    version: 1,
    bootId: clock.bootId,
    savedMs: nowMs,
    bypasses: [...bypasses].map(({ endsAtMs, endsAtWallMs, ...rest }) => {
      const remainingMs = Math.max(0, endsAtMs - nowMs);
      return { ...rest, remainingMs, endsAtWallMs: wallMs === null ? endsAtWallMs : wallMs + remainingMs };
    }),
  };
}

/**
 * What is left of them now. In the same boot the monotonic clock says it; after another boot the wall clock, and where
 * that is unset what was left when it was last written, for nobody knows how long the device was off. It is never more
 * than was left then: a wall clock that was set back lengthens nothing.
 */
export function recalledBypasses(kept: KeptBypasses, clock: DeviceClock): readonly Bypass[] {
  const nowMs = clock.sinceBootMs();
  const sameBoot = kept.bootId === clock.bootId;
  const goneMs = sameBoot ? Math.max(0, nowMs - kept.savedMs) : 0;
  return kept.bypasses.map(({ remainingMs, endsAtWallMs, ...rest }) =>
    shortened(
      { ...rest, endsAtMs: nowMs + remainingMs - goneMs, endsAtWallMs: sameBoot ? null : endsAtWallMs },
      clock,
    ),
  );
}

/** Ended by the wall clock where that is known, if that is earlier. */
export function shortened(bypass: Bypass, clock: DeviceClock): Bypass {
  const { endsAtMs, endsAtWallMs } = bypass;
  if (endsAtWallMs === null || clock.quality() === 'unset') return bypass;
  const byWallMs = clock.sinceBootMs() + endsAtWallMs - clock.wallMs();
  return { ...bypass, endsAtMs: Math.min(endsAtMs, byWallMs), endsAtWallMs: null };
}
