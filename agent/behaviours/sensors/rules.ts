import type { DeviceProfile } from '../../ports/profile.ts';

export type SensorRules = Pick<DeviceProfile['sensors'][number], 'deadband' | 'atLeastEveryS' | 'thresholds'>;
export type Threshold = SensorRules['thresholds'][number];

export interface SensorState {
  /** The last sample that was kept. */
  readonly kept: { readonly value: number; readonly atMs: number } | null;
  /** By threshold: whether it is crossed. */
  readonly beyond: readonly boolean[];
}

export interface Crossing {
  readonly threshold: Threshold;
  readonly change: 'crossed' | 'cleared';
}

export interface Judgement {
  readonly state: SensorState;
  /** Whether the sample is worth keeping. */
  readonly keep: boolean;
  readonly crossings: readonly Crossing[];
}

export function initialSensor(rules: SensorRules, beyond: readonly boolean[] = []): SensorState {
  return { kept: null, beyond: rules.thresholds.map((_threshold, index) => beyond[index] ?? false) };
}

/**
 * Judges one reading. Kept: the first, one that moved by the dead band since the last kept one, one after
 * `atLeastEveryS`, and one that crosses a threshold. Between a threshold's limit and its clear value nothing changes.
 */
export function judgeReading(
  rules: SensorRules,
  state: SensorState,
  value: number,
  nowMs: number,
): Judgement {
  const crossings: Crossing[] = [];
  const beyond = rules.thresholds.map((threshold, index) => {
    const was = state.beyond[index] ?? false;
    const is = was ? !isClear(threshold, value) : isBeyond(threshold, value);
    if (is !== was) crossings.push({ threshold, change: is ? 'crossed' : 'cleared' });
    return is;
  });
  const keep = crossings.length > 0 || isNews(rules, state.kept, value, nowMs);
  return { state: { kept: keep ? { value, atMs: nowMs } : state.kept, beyond }, keep, crossings };
}

function isNews(
  { deadband, atLeastEveryS }: SensorRules,
  kept: SensorState['kept'],
  value: number,
  nowMs: number,
): boolean {
  if (kept === null || nowMs - kept.atMs >= atLeastEveryS * 1000) return true;
  const moved = Math.abs(value - kept.value);
  return deadband === 0 ? moved > 0 : moved >= deadband;
}

const isBeyond = ({ direction, limit }: Threshold, value: number): boolean =>
  direction === 'above' ? value > limit : value < limit;

/** Back past `clear`; where that equals the limit, back at it. */
const isClear = ({ direction, clear }: Threshold, value: number): boolean =>
  direction === 'above' ? value <= clear : value >= clear;
