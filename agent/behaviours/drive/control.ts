import type { Base, BaseReading } from '#agent/ports/base.ts';
import { type DriveSettings, TICK_MS } from '#agent/ports/drive.ts';
import type { DriveDesk, DriveEnd } from '#agent/ports/driving.ts';
import type { Cancel, Clock, MonoMs } from '#contract/clock.ts';
import type { StopCause } from '#contract/event-robot.ts';
import type { Log } from '#contract/log.ts';
import { BaseArbiter } from './arbiter.ts';
import type { AskMap, PeopleNear, SafetyFacts } from './facts.ts';
import { Homing } from './homing.ts';
import { type SpeedLimit, speedLimit } from './speed-rules.ts';
import { StopBook, type StopChanges } from './stop-book.ts';
import { SILENT_AFTER_MS, STOP_RULES } from './stop-rules.ts';
import { StuckWatch } from './stuck-watch.ts';
import { type SurvivalState, settled, survive } from './survival.ts';

export interface DriveControlParts {
  readonly base: Base;
  readonly settings: DriveSettings;
  readonly map: AskMap;
  readonly people: () => PeopleNear | null;
  readonly isCalling: () => boolean;
  /** Null while there is a way to the site. */
  readonly linkLostForMs: () => number | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Causes that hold it have changed. */
  readonly onStops: (changes: StopChanges, causes: readonly StopCause[]) => void;
  /** The battery is low, or no longer. */
  readonly onLowBattery: (charge: number | null) => void;
  /** It could not get to its dock; null: it is there after that. */
  readonly onHoming: (end: DriveEnd | null) => void;
  /** After each tick. */
  readonly onTick: () => void;
}

/** Slower than this, a robot before an obstacle stands. */
const CREEP_MPS = 0.05;
/** Settled by hysteresis in `survive`; told with this. */
const LOW_AGAIN_BY = 0.05;

/**
 * Reads the base twenty times a second, judges what it reads, and moves it for whoever may. This is the only owner of
 * the base; when its own work fails it stops it, and when it does not run at all the base stops by itself.
 */
export class DriveControl {
  readonly #parts: DriveControlParts;
  readonly #book = new StopBook(STOP_RULES);
  readonly #stuck = new StuckWatch();
  readonly #arbiter: BaseArbiter;
  readonly #homing: Homing;
  #survival: SurvivalState = settled;
  #limit: SpeedLimit = { maxMps: 0, by: 'profile' };
  #reading: BaseReading | null = null;
  #isLow = false;
  #isJudging = false;
  #hasFailed = false;
  #stops: Cancel[] = [];

  constructor(parts: DriveControlParts) {
    this.#parts = parts;
    const { base, clock, log, settings } = parts;
    this.#arbiter = new BaseArbiter({ base, clock, log, blockedAfterMs: settings.blockedAfterS * 1000 });
    this.#homing = new Homing({ desk: this.#arbiter, clock, onTrouble: (end) => parts.onHoming(end) });
  }

  /** Where to ask for a drive. */
  get desk(): DriveDesk {
    return this.#arbiter;
  }

  get causes(): readonly StopCause[] {
    return this.#book.causes;
  }

  get limit(): SpeedLimit {
    return this.#limit;
  }

  /** The last that was judged; null while the base says nothing. */
  get reading(): BaseReading | null {
    return this.#reading;
  }

  /** In a word: `stopped`, or who has it and what for. */
  get doing(): string {
    if (this.causes.length > 0) return 'stopped';
    const { owner, goal } = this.#arbiter;
    return owner === null || goal === null ? 'idle' : `${owner}:${goal.kind}`;
  }

  /** Ticks fall on multiples of their period, so that robots on one machine are looked at together. */
  start(): void {
    const { clock, base } = this.#parts;
    const early = TICK_MS - (clock.monoMs() % TICK_MS);
    this.#stops.push(
      base.onContact(() => this.tick()),
      clock.after(early, () => {
        this.#stops.push(clock.every(TICK_MS, () => this.tick()));
        this.tick();
      }),
    );
  }

  /** Stops the base. Idempotent. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#arbiter.halt();
  }

  /** Judges now. Whatever goes wrong in here, the base is stopped. */
  tick(): void {
    // A contact that is noticed while the base is being read is in that reading.
    if (this.#isJudging) return;
    this.#isJudging = true;
    try {
      this.#judge();
      this.#hasFailed = false;
    } catch (cause) {
      if (!this.#hasFailed) this.#parts.log.error({ err: cause }, 'drive.tick-failed');
      this.#hasFailed = true;
      this.#arbiter.halt();
    } finally {
      this.#isJudging = false;
    }
  }

  #judge(): void {
    const { settings } = this.#parts;
    this.#reading = this.#read();
    const facts = this.#facts(this.#reading);
    const changes = this.#book.judge(facts, settings);
    this.#limit = speedLimit(facts, settings);
    const { causes } = this;
    if (causes.length > 0) this.#homing.held();
    this.#arbiter.step({
      mayMove: causes.length === 0,
      maxMps: this.#limit.maxMps,
      isBlocked: this.#isBlocked(this.#reading),
    });
    if (this.#reading?.motion?.isStill !== false) this.#arbiter.settle();
    if (causes.length === 0) this.#survive(this.#reading);
    this.#tellAll(changes);
  }

  #facts(reading: BaseReading | null): SafetyFacts {
    const { map, people, isCalling, clock } = this.#parts;
    const pose = reading?.estimate?.pose ?? null;
    return {
      nowMs: clock.monoMs(),
      reading,
      place: map === null || pose === null ? null : map(pose),
      isCalling: isCalling(),
      people: people(),
      stuckForMs: this.#stuck.look(reading),
      isAbandoned: this.#arbiter.isAbandoned,
    };
  }

  #read(): BaseReading | null {
    try {
      const reading = this.#parts.base.read();
      const ageMs: MonoMs = this.#parts.clock.monoMs() - reading.atMs;
      return ageMs <= SILENT_AFTER_MS ? reading : null;
    } catch (cause) {
      if (this.#reading !== null) this.#parts.log.error({ err: cause }, 'drive.base-silent');
      return null;
    }
  }

  #isBlocked(reading: BaseReading | null): boolean {
    const { by, maxMps } = this.#limit;
    return by === 'obstacle' && maxMps < CREEP_MPS && reading?.motion?.isStill !== false;
  }

  #survive(reading: BaseReading | null): void {
    const { base, settings, linkLostForMs } = this.#parts;
    const facts = {
      reading,
      canDock: base.capabilities.dock,
      linkLostForMs: linkLostForMs(),
      isOrdered: this.#arbiter.owner === 'order',
    };
    const [state, wanted] = survive(this.#survival, facts, settings);
    this.#survival = state;
    this.#homing.step(wanted, reading);
  }

  /** Last, so that nobody who is told holds anything up. */
  #tellAll(changes: StopChanges): void {
    const { onStops, onTick, log } = this.#parts;
    try {
      if (changes.began.length + changes.ended.length > 0) onStops(changes, this.causes);
      this.#tellBattery();
      onTick();
    } catch (cause) {
      log.error({ err: cause }, 'drive.not-told');
    }
  }

  #tellBattery(): void {
    const { settings, onLowBattery } = this.#parts;
    const charge = this.#reading?.battery?.charge ?? null;
    if (charge === null) return;
    const isLow = charge < settings.lowBattery + (this.#isLow ? LOW_AGAIN_BY : 0);
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    onLowBattery(isLow ? charge : null);
  }
}
