import type { LampPattern } from './outputs.ts';

/** The lamp at `level` (0 dark to 1 full) for `forMs`. */
export interface LampStep {
  readonly level: number;
  readonly forMs: number;
}

const on = (forMs: number): LampStep => ({ level: 1, forMs });
const off = (forMs: number): LampStep => ({ level: 0, forMs });
/** Held until another pattern is shown. */
const steady = (level: number): LampStep => ({ level, forMs: Number.POSITIVE_INFINITY });

/** Half of full or more lights a lamp that knows on and off alone. */
export const LIT_FROM = 0.5;

/**
 * How each pattern looks over time, repeated from its first step; the same on every driver (docs/panic.md).
 * Told apart on a lamp that knows on and off alone. At most three flashes in any second: more can bring on a seizure
 * (WCAG 2.2, success criterion 2.3.1). All times are multiples of 100 ms, which any controller keeps.
 */
export const LAMP_RHYTHMS: Readonly<Record<LampPattern, readonly [LampStep, ...LampStep[]]>> = {
  /** Dim where the lamp can be, so that the pillar is found at night; otherwise dark. */
  idle: [steady(0.1)],
  pressed: [on(200), off(200)],
  unstored: [on(100), off(200), on(100), off(200), on(100), off(1300)],
  waiting: [on(1000), off(1000)],
  sent: [on(500), off(500)],
  received: [on(1800), off(200)],
  acknowledged: [steady(1)],
  attending: [on(1400), off(200), on(200), off(200)],
  closed: [on(300), off(2700)],
  test: [on(100), off(200), on(100), off(1600)],
  bypassed: [on(100), off(1900)],
  /** Of a robot that stands and must not be moved. */
  stopped: [on(600), off(200), on(200), off(1000)],
};
