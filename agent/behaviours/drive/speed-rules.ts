import { type DriveSettings, REACTION_S } from '#agent/ports/drive.ts';
import type { SafetyFacts } from './facts.ts';

/** One row of the table in docs/robot-safety.md: how fast at most. Infinity: it says nothing. */
export interface SpeedRule {
  readonly name: 'profile' | 'slow-zone' | 'obstacle' | 'people' | 'low-battery';
  readonly maxMps: (facts: SafetyFacts, settings: DriveSettings) => number;
}

/** People walk on: 1.4 m/s for ten seconds is farther than a robot looks. */
export const PEOPLE_FOR_MS = 10_000;

export const SPEED_RULES: readonly SpeedRule[] = [
  { name: 'profile', maxMps: (_, { maxMps }) => maxMps },
  { name: 'slow-zone', maxMps: ({ place }) => place?.maxMps ?? Number.POSITIVE_INFINITY },
  {
    name: 'obstacle',
    maxMps: ({ reading }, { brakeMps2, clearanceM }) => {
      const distanceM = reading?.obstacleM ?? null;
      if (distanceM === null) return Number.POSITIVE_INFINITY;
      return distanceM === 'unknown' ? 0 : stoppingSpeed(distanceM - clearanceM, brakeMps2);
    },
  },
  {
    name: 'people',
    maxMps: ({ people, nowMs }, { slowMps }) => {
      const isNear = people !== null && people.count > 0 && nowMs - people.atMs <= PEOPLE_FOR_MS;
      return isNear ? slowMps : Number.POSITIVE_INFINITY;
    },
  },
  {
    name: 'low-battery',
    maxMps: ({ reading }, { lowBattery, slowMps }) =>
      (reading?.battery?.charge ?? 1) < lowBattery ? slowMps : Number.POSITIVE_INFINITY,
  },
];

export interface SpeedLimit {
  readonly maxMps: number;
  /** The rule that is the strictest. */
  readonly by: SpeedRule['name'];
}

export function speedLimit(facts: SafetyFacts, settings: DriveSettings): SpeedLimit {
  const limits = SPEED_RULES.map(({ name, maxMps }) => ({ by: name, maxMps: maxMps(facts, settings) }));
  return limits.reduce((strictest, limit) => (limit.maxMps < strictest.maxMps ? limit : strictest));
}

/**
 * The fastest from which a robot stands within `wayM`, should whoever commands it freeze now: way = v·t + v²/2a, solved
 * for v. 0 where there is no way left, or it is not a number.
 */
export function stoppingSpeed(wayM: number, brakeMps2: number): number {
  if (!(wayM > 0)) return 0;
  const lost = brakeMps2 * REACTION_S;
  return Math.sqrt(lost * lost + 2 * brakeMps2 * wayM) - lost;
}
