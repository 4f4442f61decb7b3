import * as z from 'zod';
import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { BypassChange, BypassGate } from '../../ports/bypass.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { Memory } from '../../ports/memory.ts';
import type { DeviceProfile } from '../../ports/profile.ts';
import { type Crossing, initialSensor, judgeReading, type SensorState } from './rules.ts';

export interface SensorWatchParts {
  readonly sensor: Sensor;
  readonly config: DeviceProfile['sensors'][number];
  readonly place: () => Place;
  readonly recorder: EventRecorder;
  readonly memory: Memory;
  /** Ends the link's wait for its next try: smoke and water are as urgent as a press. */
  readonly urge?: () => void;
  /** Whether what it crosses is only counted for a while. */
  readonly gate?: BypassGate;
  readonly clock: DeviceClock;
  readonly log: Log;
}

/** So many readings in a row must fail before the sensor counts as failed: one bad reading is noise. */
const FAILURES = 3;
type HealthState = 'ok' | 'degraded' | 'failed';
const READ_WITHIN_MS = 10_000;
const Beyond = z.array(z.boolean());

/**
 * Samples one sensor for as long as it runs. A reading that hangs is given up, and never overlapped by the next. While
 * it is bypassed its samples are kept, and what they cross is counted; the first reading after that is judged by what
 * was crossed before it.
 */
export class SensorWatch {
  readonly #parts: SensorWatchParts;
  #state: SensorState;
  #failures = 0;
  #reading = false;
  #opened = false;
  #cancel: Cancel | null = null;
  #stop: Cancel | null = null;
  /** What is crossed in the meantime, while bypassed. */
  #aside: readonly boolean[] | null = null;
  #told: HealthState = 'ok';

  constructor(parts: SensorWatchParts) {
    this.#parts = parts;
    this.#state = initialSensor(parts.config);
  }

  /** What is crossed is remembered, so that a restart raises no alarm a second time. */
  start(): void {
    const { clock, config, memory } = this.#parts;
    const known = Beyond.safeParse(memory.get(this.#key));
    this.#state = initialSensor(config, known.success ? known.data : []);
    this.#stop ??= this.#parts.gate?.onChange((input, change) => this.#gated(input, change)) ?? null;
    if (this.#isBypassed) this.#gated(this.#parts.sensor.name, 'bypassed');
    this.#cancel ??= clock.every(config.periodS * 1000, () => this.#sample());
    this.#sample();
  }

  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#stop?.();
    this.#stop = null;
    await this.#parts.sensor.close();
  }

  get state(): 'ok' | 'degraded' | 'failed' {
    if (this.#failures >= FAILURES) return 'failed';
    return this.#failures > 0 || this.#isBypassed ? 'degraded' : 'ok';
  }

  get #isBypassed(): boolean {
    return this.#parts.gate?.isBypassed(this.#parts.sensor.name) === true;
  }

  get #key(): string {
    return `sensor:${this.#parts.sensor.name}`;
  }

  #sample(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#read()
      .then((value) => this.#take(value))
      .catch((cause: unknown) => this.#fail(cause))
      .finally(() => {
        this.#reading = false;
      });
  }

  async #read(): Promise<number> {
    const { sensor, clock } = this.#parts;
    const work = async () => {
      if (!this.#opened) await sensor.start();
      this.#opened = true;
      return sensor.read();
    };
    const value = await new Promise<number>((resolve, reject) => {
      const cancel = clock.after(READ_WITHIN_MS, () =>
        reject(new WatchpostError('WP2304', { detail: `${sensor.name}: no answer` })),
      );
      work().then(resolve, reject).finally(cancel);
    });
    if (Number.isFinite(value)) return value;
    throw new WatchpostError('WP2304', { detail: `${sensor.name} read ${value}` });
  }

  #take(value: number): void {
    if (this.#cancel === null) return;
    const { clock, config } = this.#parts;
    this.#failures = 0;
    this.#isWell();
    const beyond = this.#aside ?? this.#state.beyond;
    const { state, keep, crossings } = judgeReading(
      config,
      { ...this.#state, beyond },
      value,
      clock.monoMs(),
    );
    if (this.#aside === null) this.#cross(state, crossings, value);
    else this.#count(state, crossings);
    if (keep) this.#keep(value);
  }

  #cross(state: SensorState, crossings: readonly Crossing[], value: number): void {
    this.#state = state;
    for (const crossing of crossings) this.#tell(crossing, value);
    if (crossings.length > 0) this.#remember();
  }

  #count(state: SensorState, crossings: readonly Crossing[]): void {
    const { gate, sensor } = this.#parts;
    this.#aside = state.beyond;
    this.#state = { ...this.#state, kept: state.kept };
    for (const { change } of crossings) if (change === 'crossed') gate?.suppress(sensor.name);
  }

  #gated(input: string, change: BypassChange): void {
    if (input !== this.#parts.sensor.name) return;
    this.#aside = change === 'bypassed' ? (this.#aside ?? this.#state.beyond) : null;
    if (this.#failures < FAILURES) this.#isWell();
  }

  /** It is read: in order, or bypassed. */
  #isWell(): void {
    if (this.#isBypassed) this.#health({ state: 'degraded', code: 'WP2111' });
    else this.#health({ state: 'ok' });
  }

  #fail(cause: unknown): void {
    if (this.#cancel === null) return;
    this.#failures += 1;
    const detail = (cause instanceof Error ? cause.message : String(cause)).slice(0, 400);
    this.#parts.log.debug({ sensor: this.#parts.sensor.name, err: cause }, 'sensor.read-failed');
    if (this.#failures === FAILURES) this.#health({ state: 'failed', code: 'WP2304', detail });
  }

  #health(health: { state: HealthState; code?: string; detail?: string }): void {
    if (health.state === this.#told) return;
    this.#told = health.state;
    const part = `sensor:${this.#parts.sensor.name}`;
    this.#parts.recorder.recordEvent('wp.health.changed.v1', { part, ...health });
  }

  /** The alarm goes before everything else; its end is an event, as with other thresholds. */
  #tell({ threshold, change }: Crossing, value: number): void {
    const { sensor, recorder, place } = this.#parts;
    const { name, unit } = sensor;
    const { alarm, direction, limit, clear } = threshold;
    if (alarm !== undefined && change === 'crossed') {
      const type = alarm === 'smoke' ? 'wp.smoke.detected.v1' : 'wp.water.detected.v1';
      recorder.recordAlarm(type, { place: place(), input: name, value, threshold: limit, unit });
      this.#parts.urge?.();
      return;
    }
    const crossed = change === 'crossed';
    recorder.recordEvent('wp.sensor.crossed.v1', {
      place: place(),
      sensor: name,
      value,
      unit,
      threshold: crossed ? limit : clear,
      direction: crossed ? direction : 'normal',
    });
  }

  #remember(): void {
    try {
      this.#parts.memory.set(this.#key, this.#state.beyond);
    } catch (cause) {
      this.#parts.log.error({ code: 'WP2608', err: cause }, 'sensor.memory-not-written');
    }
  }

  #keep(value: number): void {
    const { sensor, recorder, clock } = this.#parts;
    recorder.recordSample({
      sensor: sensor.name,
      value,
      unit: sensor.unit,
      time: new Date(clock.wallMs()).toISOString(),
      mono: String(Math.round(clock.sinceBootMs())),
    });
  }
}
