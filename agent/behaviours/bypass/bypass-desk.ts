import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { CommandArgs } from '#contract/messages.ts';
import type { BypassChange, BypassGate } from '../../ports/bypass.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Memory, MemorySync } from '../../ports/memory.ts';
import {
  BYPASS_KEY,
  type Bypass,
  KeptBypasses,
  keptBypasses,
  recalledBypasses,
  shortened,
} from './kept-bypasses.ts';

export interface BypassParts {
  /** What may be bypassed: inputs that raise alarms, the contacts of doors, and sensors. */
  readonly names: readonly string[];
  /** Inputs of visitors: they raise nothing that could be left out. */
  readonly visitors: readonly string[];
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: DeviceClock;
  readonly log: Log;
  /** `describe()` has changed. */
  readonly onChange: () => void;
}

/** What is left is written this often, so that a device without the time after a power cut loses little of it. */
const SAVE_EVERY_MS = 3_600_000;
/** Counts are written this long after the first of them: a contact that chatters must not wear the card. */
const SAVE_COUNT_AFTER_MS = 60_000;

/**
 * Bypasses of inputs, each with an end. A bypass is on the device's disk before it begins to count and outlives
 * restarts; in doubt it ends early, for then an alarm is real.
 */
export class BypassDesk implements BypassGate {
  readonly #parts: BypassParts;
  readonly #bypasses = new Map<string, Bypass>();
  readonly #listeners = new Set<(input: string, change: BypassChange) => void>();
  #timer: Cancel | null = null;
  #quality: Cancel | null = null;
  #savedMs = 0;
  #uncounted: number | null = null;

  constructor(parts: BypassParts) {
    this.#parts = parts;
  }

  /** Takes up what was bypassed before; what has run out in the meantime is told. Never throws. */
  start(): void {
    const { clock } = this.#parts;
    for (const bypass of this.#recalled()) this.#bypasses.set(bypass.input, bypass);
    this.#savedMs = clock.sinceBootMs();
    this.#quality ??= clock.onQuality(() => this.#look());
    this.#look();
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.();
    this.#timer = null;
    this.#quality?.();
    this.#quality = null;
    if (this.#uncounted !== null) this.#save();
  }

  isBypassed(input: string): boolean {
    return this.#bypasses.has(input);
  }

  suppress(input: string): void {
    const bypass = this.#bypasses.get(input);
    if (bypass === undefined) return;
    this.#bypasses.set(input, { ...bypass, suppressed: bypass.suppressed + 1 });
    this.#parts.log.warn({ input, suppressed: bypass.suppressed + 1 }, 'bypass.alarm-not-raised');
    this.#uncounted ??= this.#parts.clock.sinceBootMs();
    this.#arm();
  }

  onChange(listener: (input: string, change: BypassChange) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** For `up/state`: by input, until when and why. */
  describe(): Record<string, { until: string; reason: string }> {
    return Object.fromEntries(
      [...this.#bypasses.values()].map((bypass) => [
        bypass.input,
        { until: this.#untilOf(bypass), reason: bypass.reason },
      ]),
    );
  }

  /**
   * Bypasses these inputs for so long from now, also those that were bypassed already; `forS` 0 ends it. All or none:
   * throws WP2105 for one that is not there, WP2112 for one of visitors, WP2608 when it cannot be kept.
   */
  bypass({ inputs, forS, reason }: CommandArgs<'bypass'>, by?: string): Record<string, unknown> {
    this.#refuse(inputs);
    const named = [...new Set(inputs)];
    if (forS === 0) {
      const ended = named.filter((input) => this.isBypassed(input));
      for (const input of ended) this.#end(input, 'command');
      this.#arm();
      return { inputs: ended, forS };
    }
    const endsAtMs = this.#parts.clock.sinceBootMs() + forS * 1000;
    const fresh = named.map((input): Bypass => {
      const suppressed = this.#bypasses.get(input)?.suppressed ?? 0;
      return { input, reason, by, endsAtMs, endsAtWallMs: null, suppressed };
    });
    this.#write([...this.#others(named), ...fresh]);
    for (const bypass of fresh) this.#begin(bypass);
    this.#arm();
    return { inputs: named, forS, until: new Date(this.#wallOf(endsAtMs)).toISOString() };
  }

  #refuse(inputs: readonly string[]): void {
    const { names, visitors } = this.#parts;
    const visitor = inputs.find((input) => visitors.includes(input));
    if (visitor !== undefined) throw new WatchpostError('WP2112', { detail: visitor });
    // One that a new profile no longer has may still be bypassed: it can be ended.
    const unknown = inputs.filter((input) => !names.includes(input) && !this.isBypassed(input));
    if (unknown.length > 0) throw new WatchpostError('WP2105', { detail: `no input ${unknown.join(', ')}` });
  }

  #others(named: readonly string[]): readonly Bypass[] {
    return [...this.#bypasses.values()].filter(({ input }) => !named.includes(input));
  }

  #begin(bypass: Bypass): void {
    const { recorder, log } = this.#parts;
    const { input, reason, by } = bypass;
    this.#bypasses.set(input, bypass);
    const told = { input, until: this.#untilOf(bypass), reason, ...(by === undefined ? {} : { by }) };
    recorder.recordEvent('wp.input.bypassed.v1', told);
    log.warn(told, 'bypass.begun');
    this.#announce(input, 'bypassed');
  }

  /** Told before it is forgotten: killed in between, the device tells it a second time. */
  #end(input: string, cause: 'expired' | 'command'): void {
    const bypass = this.#bypasses.get(input);
    if (bypass === undefined) return;
    const { recorder, log } = this.#parts;
    const told = { input, cause, suppressed: bypass.suppressed };
    this.#bypasses.delete(input);
    recorder.recordEvent('wp.input.restored.v1', told);
    log.info(told, 'bypass.ended');
    this.#announce(input, 'restored');
    this.#save();
  }

  #announce(input: string, change: BypassChange): void {
    for (const listener of this.#listeners) listener(input, change);
    this.#parts.onChange();
  }

  /** Ends what has run out, and writes what is due. */
  #look(): void {
    const { clock } = this.#parts;
    for (const [input, bypass] of this.#bypasses) this.#bypasses.set(input, shortened(bypass, clock));
    const nowMs = clock.sinceBootMs();
    const over = [...this.#bypasses.values()].filter(({ endsAtMs }) => endsAtMs <= nowMs);
    for (const { input } of over) this.#end(input, 'expired');
    if (this.#bypasses.size > 0 && this.#saveDueMs() <= nowMs) this.#save('later');
    this.#arm();
  }

  #saveDueMs(): number {
    const counted = this.#uncounted === null ? Infinity : this.#uncounted + SAVE_COUNT_AFTER_MS;
    return Math.min(this.#savedMs + SAVE_EVERY_MS, counted);
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#quality === null || this.#bypasses.size === 0) return;
    const dueMs = Math.min(
      this.#saveDueMs(),
      ...[...this.#bypasses.values()].map(({ endsAtMs }) => endsAtMs),
    );
    const { clock } = this.#parts;
    this.#timer = clock.after(Math.max(1, Math.ceil(dueMs - clock.sinceBootMs())), () => this.#look());
  }

  #untilOf({ endsAtMs }: Bypass): string {
    return new Date(this.#wallOf(endsAtMs)).toISOString();
  }

  #wallOf(endsAtMs: number): number {
    const { clock } = this.#parts;
    return Math.round(clock.wallMs() + endsAtMs - clock.sinceBootMs());
  }

  #recalled(): readonly Bypass[] {
    const { memory, clock, log } = this.#parts;
    try {
      const value = memory.get(BYPASS_KEY);
      if (value === undefined || value === null) return [];
      return recalledBypasses(KeptBypasses.parse(value), clock);
    } catch (cause) {
      log.error({ code: 'WP2113', err: cause }, 'bypass.memory-not-read');
      return [];
    }
  }

  #save(sync: MemorySync = 'now'): void {
    try {
      this.#write([...this.#bypasses.values()], sync);
    } catch (cause) {
      this.#parts.log.error({ code: 'WP2608', err: cause }, 'bypass.memory-not-written');
    }
  }

  #write(bypasses: readonly Bypass[], sync: MemorySync = 'now'): void {
    const { memory, clock } = this.#parts;
    this.#savedMs = clock.sinceBootMs();
    this.#uncounted = null;
    try {
      memory.set(BYPASS_KEY, keptBypasses(bypasses, clock), sync);
    } catch (cause) {
      throw new WatchpostError('WP2608', { cause });
    }
  }
}
