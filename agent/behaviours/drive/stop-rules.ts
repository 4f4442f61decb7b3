import type { BaseContact } from '#agent/ports/base.ts';
import type { DriveSettings } from '#agent/ports/drive.ts';
import type { StopCause } from '#contract/event-robot.ts';
import type { SafetyFacts } from './facts.ts';

/** One row of the table in docs/robot-safety.md: when a robot stands, and what it takes to be let go. */
export interface StopRule {
  readonly cause: StopCause;
  readonly holds: (facts: SafetyFacts, settings: DriveSettings) => boolean;
  /** It must not have held for so long. */
  readonly clearAfterMs: number;
  /** `hands`: besides, somebody must have been at the robot since. */
  readonly until: 'over' | 'hands';
}

/** A reading older than this is none: ten ticks. */
export const SILENT_AFTER_MS = 500;
/** Contacts bounce, and whoever lets one go takes a step back. */
const STEADY_MS = 2000;

/** A contact that cannot be read may be pressed. */
const isPressed = (contact: BaseContact | undefined): boolean =>
  contact === 'pressed' || contact === 'unknown';

const over = (cause: StopCause, holds: StopRule['holds'], clearAfterMs: number = STEADY_MS): StopRule => ({
  cause,
  holds,
  clearAfterMs,
  until: 'over',
});

/** All of them are asked at every tick; any one is enough. */
export const STOP_RULES: readonly StopRule[] = [
  over('emergency-stop', ({ reading }) => isPressed(reading?.contacts.emergencyStop)),
  over('bumper', ({ reading }) => isPressed(reading?.contacts.bumper)),
  over('lifted', ({ reading }) => isPressed(reading?.contacts.lifted)),
  over('tilted', ({ reading }, { tiltDeg }) => {
    const tilt = reading?.tiltDeg ?? null;
    return tilt === 'unknown' || (tilt !== null && !(Math.abs(tilt) < tiltDeg));
  }),
  {
    cause: 'stuck',
    holds: ({ stuckForMs }, { stuckAfterS }) => stuckForMs >= stuckAfterS * 1000,
    clearAfterMs: STEADY_MS,
    until: 'hands',
  },
  over('blind', ({ reading }) => reading?.obstacleM === 'unknown' || Number.isNaN(reading?.obstacleM)),
  over('off-map', ({ place }) => place?.isAllowed === false),
  over('not-localized', isLost),
  over('own-press', ({ isCalling }) => isCalling, 0),
  over('battery-critical', ({ reading }, { criticalBattery }) => {
    const battery = reading?.battery ?? null;
    return battery !== null && !battery.isCharging && !(battery.charge > criticalBattery);
  }),
  over('base-silent', ({ reading }) => reading === null),
  over('caller-frozen', ({ isAbandoned }) => isAbandoned),
];

/** A place that is not a number is no place. */
function isLost({ reading }: SafetyFacts, { placeErrorM }: DriveSettings): boolean {
  const estimate = reading?.estimate ?? null;
  if (estimate === null) return false;
  const { pose, covariance, isLocalized } = estimate;
  const isPlace = [pose.x, pose.y, pose.theta].every(Number.isFinite);
  return !isLocalized || !isPlace || !(deviationM(covariance) <= placeErrorM);
}

/** The longer half axis of the ellipse of one standard deviation: the root of the larger eigenvalue. */
export function deviationM([xx, xy, yy]: readonly [number, number, number, number]): number {
  return Math.sqrt((xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy));
}
