import type { Log } from '#contract/log.ts';
import type { AlarmStore } from './alarm-store.ts';
import type { Ballast } from './ballast.ts';
import { isFull } from './database-file.ts';
import type { EventStore } from './event-store.ts';

export interface AlarmRoomOptions {
  readonly alarms: AlarmStore;
  readonly ballast: Ballast;
  readonly events: EventStore;
  readonly log: Log;
}

/** Finds room on a full disk for what must be stored: first what was set aside, then telemetry, then events. */
export class AlarmRoom {
  readonly #options: AlarmRoomOptions;
  #growth: 'free' | 'stopped' = 'free';

  constructor(options: AlarmRoomOptions) {
    this.#options = options;
  }

  /** True while the ballast is gone: the disk was full. */
  get isTight(): boolean {
    return this.#growth === 'stopped';
  }

  /** Runs `work`, making room between tries. Answers null, or the error that remained. */
  store(work: () => void): unknown {
    let left: unknown = tryOnce(work);
    if (left === null || !isFull(left)) return left;
    this.#stopGrowth();
    for (const makeRoom of this.#steps()) {
      if (!this.#guarded(makeRoom)) continue;
      left = tryOnce(work);
      if (left === null || !isFull(left)) return left;
    }
    return left;
  }

  /** Gives back the ballast; false when it is gone already. */
  releaseBallast(): boolean {
    const isReleased = this.#guarded(() => this.#options.ballast.release());
    if (isReleased) this.#stopGrowth();
    return isReleased;
  }

  /** Sets the ballast aside again once there is room for it. */
  tend(): void {
    const { ballast, events, log } = this.#options;
    if (!this.#guarded(() => ballast.acquire())) return;
    if (this.#growth === 'free') return;
    events.setGrowth('free');
    this.#growth = 'free';
    log.info({}, 'journal.room-again');
  }

  *#steps(): Generator<() => boolean> {
    const { alarms, events } = this.#options;
    yield () => alarms.rewindLog();
    yield () => this.#releaseAndShrink();
    for (let left = 8; left > 0; left -= 1)
      yield () => events.giveBack('telemetry') || events.giveBack('event');
  }

  /** While what the ballast gave back is still there: moving the logs needs some of it. */
  #releaseAndShrink(): boolean {
    const { alarms, ballast, events } = this.#options;
    if (!ballast.release()) return false;
    this.#guarded(() => events.rewindLog());
    this.#guarded(() => alarms.rewindLog());
    return true;
  }

  #stopGrowth(): void {
    if (this.#growth === 'stopped') return;
    this.#growth = 'stopped';
    this.#options.log.error({}, 'journal.disk-full');
    this.#guarded(() => {
      this.#options.events.setGrowth('stopped');
      return true;
    });
  }

  /** Nothing that goes wrong with events or the ballast may reach an alarm. */
  #guarded(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'journal.no-room');
      return false;
    }
  }
}

function tryOnce(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
