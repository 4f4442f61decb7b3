import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { Pose } from '../../ports/base.ts';
import type { BypassGate } from '../../ports/bypass.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DeliveryFeed, EventRecorder } from '../../ports/events.ts';
import type { ContactInput } from '../../ports/inputs.ts';
import type { Link } from '../../ports/link.ts';
import type { Memory } from '../../ports/memory.ts';
import type { Lamp, LampPattern, Siren } from '../../ports/outputs.ts';
import type { DeviceProfile } from '../../ports/profile.ts';
import type { Voice } from '../../ports/speaker.ts';
import { InputKeeper } from './input-keeper.ts';
import { panicDeadline, panicMachine } from './machine.ts';
import { PANIC_MEMORY_KEY, restored } from './memory.ts';
import { OutputKeeper } from './output-keeper.ts';
import { type AlarmTold, PanicRecords } from './records.ts';
import { Rememberer } from './rememberer.ts';
import { panicRules } from './rules.ts';
import {
  initialState,
  type PanicEffect,
  type PanicInput,
  type PanicPhase,
  type PanicRules,
  type PanicState,
  phaseOf,
} from './state.ts';

export interface PanicParts {
  readonly config: DeviceProfile['panic'];
  readonly place: Place;
  /** Where a device that moves is now; what throws is left out of the alarm. */
  readonly pose?: () => Pose;
  readonly inputs: readonly ContactInput[];
  /** Which of them are bypassed: what they do comes no further than to be counted. */
  readonly gate?: BypassGate;
  readonly lamp: Lamp;
  readonly siren: Siren | null;
  readonly voice: Voice;
  readonly recorder: EventRecorder;
  readonly delivery: DeliveryFeed;
  readonly link: Pick<Link, 'state' | 'urge' | 'onState' | 'onIncident' | 'stateChanged'>;
  readonly memory: Memory;
  readonly clock: DeviceClock;
  readonly log: Log;
}

const IN_VAIN_EVERY_MS = 60_000;
/** Far more than a timer is late on a machine under load. */
const OVERDUE_MS = 5_000;

/** What the panic behaviour does with its outputs now; a part of `up/state`. */
export interface PanicOutputs {
  readonly panic: PanicPhase;
  readonly lamp: LampPattern;
  readonly siren: boolean;
  readonly voice: string | null;
}

/**
 * Runs the panic machine on a device. From an edge to `recordAlarm` nothing is awaited and no output is touched; a
 * lamp, siren, voice, link or memory that throws is reported and changes nothing else. Starts and closes the inputs;
 * lamp, siren, voice and link are started by whoever made them.
 */
export class PanicBehaviour {
  readonly #parts: PanicParts;
  readonly #rules: PanicRules;
  readonly #step: ReturnType<typeof panicMachine>;
  readonly #records: PanicRecords;
  readonly #outputs: OutputKeeper;
  readonly #inputs: InputKeeper;
  readonly #rememberer: Rememberer;
  readonly #queue: PanicInput[] = [];
  readonly #listeners = new Set<(told: AlarmTold) => void>();
  readonly #watchers = new Set<() => void>();
  #state: PanicState;
  #busy = false;
  #inVainMs = -Infinity;
  #running = false;
  #subscriptions: Cancel[] = [];
  #timer: { readonly atMs: number; readonly cancel: Cancel } | null = null;

  constructor(parts: PanicParts) {
    this.#parts = parts;
    this.#rules = panicRules(parts.config, parts.siren !== null);
    this.#step = panicMachine(this.#rules);
    this.#records = new PanicRecords(parts);
    this.#outputs = new OutputKeeper(parts);
    this.#inputs = new InputKeeper(
      { ...parts, onSuppressed: (input) => this.#pressedInVain(input) },
      (input) => this.#dispatch(input),
    );
    this.#rememberer = new Rememberer({
      ...parts,
      state: () => this.#state,
      afterwards: () => this.#announce(),
    });
    this.#state = initialState(this.#kinds());
  }

  /** Resolves when every input was tried once; one that cannot be read is tried again and again. */
  async start(): Promise<void> {
    const { link, delivery, voice } = this.#parts;
    this.#running = true;
    this.#recall();
    this.#subscriptions = [
      link.onState((state) => this.#dispatch({ kind: 'link', state: state === 'up' ? 'up' : 'down' })),
      link.onIncident((notice) => this.#dispatch({ kind: 'notice', notice })),
      delivery.onDelivery((id, stage) => this.#dispatch({ kind: 'delivery', id, stage })),
      voice.onChange(() => this.#outputs.stateChanged()),
    ];
    if (link.state === 'up') this.#dispatch({ kind: 'link', state: 'up' });
    this.#dispatch({ kind: 'started' });
    await this.#inputs.start();
  }

  async close(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    for (const cancel of this.#subscriptions.splice(0)) cancel();
    await this.#inputs.close();
    this.#dispatch({ kind: 'closing' });
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#state.shown.siren) this.#outputs.siren('off');
    this.#rememberer.close();
  }

  get phase(): PanicPhase {
    return phaseOf(this.#state);
  }

  get testing(): boolean {
    return this.#state.test !== null;
  }

  outputs(): PanicOutputs {
    const { lamp, siren } = this.#state.shown;
    return { panic: this.phase, lamp: lamp ?? 'idle', siren, voice: this.#parts.voice.speaking?.key ?? null };
  }

  /** The key of the prompt that says what has become of the call; null while there is none. */
  get prompt(): string | null {
    return this.#state.shown.prompt?.key ?? null;
  }

  /** Calls when that may have changed, on the way of the alarm: a listener does what it has to do later. */
  onShown(listener: () => void): Cancel {
    this.#watchers.add(listener);
    return () => {
      this.#watchers.delete(listener);
    };
  }

  /** What is not in order, by part name as in the health events; a part of `up/state`. */
  health(): Record<string, 'degraded' | 'failed'> {
    const stuck = Object.entries(this.#state.contacts).filter(([, contact]) => contact.stuck);
    return Object.fromEntries([
      ...stuck.map(([name]) => [`input:${name}`, 'degraded'] as const),
      ...this.#inputs.bypassed.map((part) => [part, 'degraded'] as const),
      ...[...this.#inputs.failing, ...this.#outputs.failing].map((part) => [part, 'failed'] as const),
    ]);
  }

  /** Buttons and pedals that are down now, or were never seen to be up. */
  held(): readonly string[] {
    return Object.entries(this.#state.contacts)
      .filter(([, { kind, active }]) => (kind === 'button' || kind === 'duress') && active !== false)
      .map(([name]) => name);
  }

  /** Test mode for these inputs; `forS` 0 ends it. It is never remembered over a restart. */
  test(inputs: readonly string[], forS: number): void {
    this.#dispatch({ kind: 'test', inputs, forMs: forS * 1000 });
  }

  /** Sounds or silences the siren; never longer than the profile's maximum. */
  siren(order: 'on' | 'off', forS: number): void {
    this.#dispatch({ kind: 'siren', order, forMs: forS * 1000 });
  }

  /**
   * Whether a press would be taken now, tried without making one. Writes nothing.
   * @throws WatchpostError WP2611 where it is not running, hangs in an input, has one it never looked at, or a late timer
   */
  probe(): void {
    const nowMs = this.#parts.clock.sinceBootMs();
    if (!this.#running || this.#busy) throw notTaken('it is not running');
    const unread = this.#inputs.unaccounted;
    if (unread.length > 0) throw notTaken(`${unread.join(', ')} was not looked at`);
    this.#step(this.#state, { kind: 'started' }, nowMs);
    const dueMs = panicDeadline(this.#rules, this.#state);
    if (dueMs !== null && nowMs - dueMs > OVERDUE_MS) throw notTaken('what was due did not happen');
  }

  /** Calls for every alarm of a contact once it is in the journal and the contact's level is remembered. */
  onRecorded(listener: (told: AlarmTold) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Whoever presses a bypassed button is told that it may bring no help, and whom to call: once a minute at most. */
  #pressedInVain(input: string): void {
    const nowMs = this.#parts.clock.sinceBootMs();
    if (this.#kinds()[input] !== 'button' || nowMs < this.#inVainMs + IN_VAIN_EVERY_MS) return;
    this.#inVainMs = nowMs;
    this.#outputs.say({ key: 'alarm.bypassed', priority: 'hazard', repeatEveryMs: null });
  }

  #recall(): void {
    const { clock, log } = this.#parts;
    const now = { bootId: clock.bootId, nowMs: clock.sinceBootMs() };
    const known = restored(this.#readMemory(), this.#kinds(), now);
    if (known.memory === 'unreadable') log.error({ code: 'WP2607' }, 'panic.memory-unreadable');
    this.#state = known.state;
  }

  /** A broken memory must not keep the button from being armed. */
  #readMemory(): unknown {
    try {
      return this.#parts.memory.get(PANIC_MEMORY_KEY);
    } catch (cause) {
      this.#parts.log.error({ code: 'WP2607', err: cause }, 'panic.memory-not-read');
      return undefined;
    }
  }

  #kinds(): Record<string, ContactInput['kind']> {
    return Object.fromEntries(this.#parts.inputs.map(({ name, kind }) => [name, kind]));
  }

  /** Inputs that effects bring about wait their turn; what a record answers comes before all others. */
  #dispatch(input: PanicInput): void {
    this.#queue.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#take(next);
    } finally {
      this.#busy = false;
    }
    if (this.#running) this.#arm();
  }

  #next(): PanicInput | undefined {
    return this.#records.answers.shift() ?? this.#queue.shift();
  }

  #take(input: PanicInput): void {
    const from = this.phase;
    const [state, effects] = this.#step(this.#state, input, this.#parts.clock.sinceBootMs());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (this.phase !== from) this.#parts.log.info({ from, to: this.phase }, 'panic.phase');
  }

  #perform(effect: PanicEffect): void {
    switch (effect.kind) {
      case 'recordAlarm':
        this.#records.alarm(effect);
        return;
      case 'recordEvent':
        this.#records.event(effect);
        return;
      case 'urgeLink':
        this.#outputs.urge();
        return;
      case 'lamp':
        this.#outputs.lamp(effect.pattern);
        return;
      case 'siren':
        this.#outputs.siren(effect.set);
        return;
      case 'say':
        this.#outputs.say(effect);
        return;
      case 'hush':
        this.#outputs.hush(effect.priority);
        return;
      case 'remember':
        this.#rememberer.note(effect.when);
        return;
      case 'stateChanged':
        this.#outputs.stateChanged();
        for (const watcher of this.#watchers) watcher();
        return;
    }
  }

  #announce(): void {
    for (const told of this.#records.told.splice(0)) {
      for (const listener of this.#listeners) listener(told);
    }
  }

  #arm(): void {
    const atMs = panicDeadline(this.#rules, this.#state);
    if (atMs !== null && atMs === this.#timer?.atMs) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (atMs === null) return;
    const delayMs = Math.max(1, Math.ceil(atMs - this.#parts.clock.sinceBootMs()));
    const cancel = this.#parts.clock.after(delayMs, () => {
      this.#timer = null;
      this.#dispatch({ kind: 'tick' });
    });
    this.#timer = { atMs, cancel };
  }
}

const notTaken = (detail: string): WatchpostError => new WatchpostError('WP2611', { detail });
