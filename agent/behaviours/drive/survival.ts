import type { BaseReading } from '#agent/ports/base.ts';
import type { DriveSettings } from '#agent/ports/drive.ts';

export interface SurvivalFacts {
  readonly reading: BaseReading | null;
  readonly canDock: boolean;
  /** How long there has been no way to the site; null while there is one. */
  readonly linkLostForMs: number | null;
  /** Somebody has it on a round. */
  readonly isOrdered: boolean;
}

/** What a robot does for itself: nothing, stay where it is, or go to its dock. */
export type Survival = 'none' | 'park' | 'dock';

export interface SurvivalState {
  /** It went for its battery, and is not charged yet. */
  readonly isCharging: boolean;
}

export const settled: SurvivalState = { isCharging: false };

/** Pure: what it is to do now, from what it did and what it knows. */
export function survive(
  state: SurvivalState,
  facts: SurvivalFacts,
  settings: DriveSettings,
): readonly [SurvivalState, Survival] {
  const next = { isCharging: charges(state, facts.reading, settings) };
  const home: Survival = facts.canDock ? 'dock' : 'park';
  if (next.isCharging) return [next, home];
  return [next, withoutLink(facts, settings, home)];
}

/** From low to charged, so that it does not set out with the first per cent. */
function charges(
  { isCharging }: SurvivalState,
  reading: BaseReading | null,
  settings: DriveSettings,
): boolean {
  const battery = reading?.battery ?? null;
  if (battery === null) return isCharging;
  return battery.charge < (isCharging ? settings.chargedBattery : settings.lowBattery);
}

/** A round that is under way is finished where the profile says so; after it, there is nobody to ask for the next. */
function withoutLink(facts: SurvivalFacts, settings: DriveSettings, home: Survival): Survival {
  const { linkLostForMs, isOrdered } = facts;
  if (linkLostForMs === null || linkLostForMs < settings.linkLostAfterS * 1000) return 'none';
  switch (settings.linkLost) {
    case 'park':
      return 'park';
    case 'dock':
      return home;
    case 'finish-round':
      return isOrdered ? 'none' : home;
  }
}
