import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { HealthBoard } from './board.ts';
import { Settled } from './hysteresis.ts';
import type { Measure, Probe, Probing } from './probes.ts';

export interface HealthParts {
  readonly board: HealthBoard;
  readonly probes: readonly Probe[];
  /** The profile's: the site raises a fault after this much silence. */
  readonly supervisionS: number;
  /** Publishes `up/state` again. */
  readonly heartbeat: () => void;
  readonly recorder: EventRecorder;
  readonly clock: DeviceClock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 10_000;
const LOOK_WITHIN_MS = 5_000;
/** Measurements go into telemetry this often; what they are judged by is looked at more often. */
const MEASURE_EVERY_LOOKS = 6;

/** Looks after the device itself: the heartbeat that the site's supervision waits for, and the probes. */
export class HealthBehaviour {
  readonly #parts: HealthParts;
  readonly #settled = new Map<string, Settled>();
  #timers: Cancel[] = [];
  #looking = false;
  #looks = 0;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  /** The heartbeat comes three times an interval, so that one lost message raises no fault. */
  start(): void {
    if (this.#timers.length > 0) return;
    const { clock, heartbeat, supervisionS } = this.#parts;
    this.#timers = [
      clock.every((supervisionS * 1000) / 3, heartbeat),
      clock.every(LOOK_EVERY_MS, () => this.#lookAtAll()),
    ];
    this.#lookAtAll();
  }

  async close(): Promise<void> {
    for (const cancel of this.#timers.splice(0)) cancel();
    for (const probe of this.#parts.probes) probe.close?.();
  }

  #lookAtAll(): void {
    if (this.#looking) return;
    this.#looking = true;
    const measuring = this.#looks % MEASURE_EVERY_LOOKS === 0;
    this.#looks += 1;
    const looks = this.#parts.probes.map((probe) => this.#lookAt(probe, measuring));
    void Promise.all(looks).finally(() => {
      this.#looking = false;
    });
  }

  async #lookAt(probe: Probe, measuring: boolean): Promise<void> {
    const settled = this.#settledOf(probe.part);
    try {
      const probing = await this.#inTime(probe, settled);
      if (probing === null || this.#timers.length === 0) return;
      this.#parts.board.report(probe.part, settled.take(probing.finding));
      if (measuring && probing.measure !== undefined) this.#measure(probing.measure);
    } catch (cause) {
      this.#parts.log.warn({ part: probe.part, err: cause }, 'health.probe-failed');
    }
  }

  #inTime(probe: Probe, settled: Settled): Promise<Probing | null> {
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(LOOK_WITHIN_MS, () =>
        reject(new WatchpostError('WP2603', { detail: `probe ${probe.part}` })),
      );
      const look = async () => probe.look(settled.now.state);
      look().then(resolve, reject).finally(cancel);
    });
  }

  #measure({ sensor, value, unit }: Measure): void {
    const { clock, recorder } = this.#parts;
    const time = new Date(clock.wallMs()).toISOString();
    recorder.recordSample({ sensor, value, unit, time, mono: String(Math.round(clock.sinceBootMs())) });
  }

  #settledOf(part: string): Settled {
    const known = this.#settled.get(part) ?? new Settled();
    this.#settled.set(part, known);
    return known;
  }
}
