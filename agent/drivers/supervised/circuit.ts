import type { SupervisedConfig } from './config.ts';

export type CircuitState = 'normal' | 'pressed' | 'cut' | 'shorted';

type Bands = Pick<SupervisedConfig, 'normalOhm' | 'pressedOhm'>;

/** A state is left when its limit is passed by this share: at the very limit nothing changes all the time. */
const HYSTERESIS = 0.05;

/**
 * What a circuit of so many ohms is. A factor of two outside of both resistances is a short or a cut, for a resistor is
 * 5 % off, and a line has some ohms, but never that; between them the geometric mean decides, as far from one as from
 * the other. `was` holds on a little over its limits.
 */
export function circuitState(
  ohm: number,
  { normalOhm, pressedOhm }: Bands,
  was: CircuitState | null,
): CircuitState {
  const [low, high] = [Math.min(normalOhm, pressedOhm), Math.max(normalOhm, pressedOhm)];
  const isPressedLow = pressedOhm < normalOhm;
  const order = [
    'shorted',
    isPressedLow ? 'pressed' : 'normal',
    isPressedLow ? 'normal' : 'pressed',
    'cut',
  ] as const;
  const limits = [low / 2, Math.sqrt(low * high), high * 2];
  const before = was === null ? -1 : order.indexOf(was);
  const index = limits.filter((limit, below) => ohm >= limit * slack(before, below)).length;
  return order[index] ?? 'cut';
}

/** Limits above the state that it was in move up, those below it down. */
function slack(before: number, below: number): number {
  if (before < 0) return 1;
  return below >= before ? 1 + HYSTERESIS : 1 - HYSTERESIS;
}

/** Ohms of a circuit that hangs at the supply by a resistor, by the volts over it; a reading at the supply is a cut. */
export function ohmOf(value: number, { reads, pullUpOhm, supplyV }: SupervisedConfig): number {
  if (reads === 'ohm' || pullUpOhm === undefined || supplyV === undefined) return Math.max(0, value);
  if (value >= supplyV) return Number.POSITIVE_INFINITY;
  return (pullUpOhm * Math.max(0, value)) / (supplyV - value);
}
