import type { DriveSettings } from '#agent/ports/drive.ts';
import type { MonoMs } from '#contract/clock.ts';
import type { StopCause } from '#contract/event-robot.ts';
import type { SafetyFacts } from './facts.ts';
import type { StopRule } from './stop-rules.ts';

interface Entry {
  readonly sinceMs: MonoMs;
  /** When its rule last held. */
  lastMs: MonoMs;
  /** Whether somebody was at the robot since it began. */
  wasTouched: boolean;
}

export interface StopChanges {
  readonly began: readonly StopCause[];
  readonly ended: readonly StopCause[];
}

/**
 * Which causes hold a robot now. A cause begins with the first reading that shows it and ends by its own rule alone:
 * there is no way in for anybody to take one out.
 */
export class StopBook {
  readonly #rules: readonly StopRule[];
  readonly #entries = new Map<StopCause, Entry>();

  constructor(rules: readonly StopRule[]) {
    this.#rules = rules;
  }

  /** In the order in which they began. */
  get causes(): readonly StopCause[] {
    return [...this.#entries.keys()];
  }

  judge(facts: SafetyFacts, settings: DriveSettings): StopChanges {
    const began: StopCause[] = [];
    const ended: StopCause[] = [];
    const isTouched = touches(facts);
    for (const rule of this.#rules) {
      const holds = rule.holds(facts, settings);
      const entry = this.#entries.get(rule.cause);
      if (holds && entry === undefined) {
        this.#entries.set(rule.cause, { sinceMs: facts.nowMs, lastMs: facts.nowMs, wasTouched: false });
        began.push(rule.cause);
      } else if (entry !== undefined) {
        if (holds) entry.lastMs = facts.nowMs;
        if (isTouched) entry.wasTouched = true;
        if (holds || !isOver(rule, entry, facts)) continue;
        this.#entries.delete(rule.cause);
        ended.push(rule.cause);
      }
    }
    return { began, ended };
  }
}

/** While the base says nothing, nothing is over. */
function isOver(rule: StopRule, entry: Entry, { nowMs, reading }: SafetyFacts): boolean {
  if (reading === null) return false;
  if (rule.until === 'hands' && !entry.wasTouched) return false;
  return nowMs - entry.lastMs >= rule.clearAfterMs;
}

/** Nobody presses an emergency stop or lifts a robot from afar. */
const touches = ({ reading }: SafetyFacts): boolean =>
  reading?.contacts.emergencyStop === 'pressed' || reading?.contacts.lifted === 'pressed';
