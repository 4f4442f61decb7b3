import type { DeviceClock } from '#agent/ports/clock.ts';
import type { DeliveryFeed, DeliveryStage, EventRecorder, RecordedAlarm } from '#agent/ports/events.ts';
import type { Link, LinkState } from '#agent/ports/link.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Utterance, Voice, VoicePriority, VoiceRequest } from '#agent/ports/speaker.ts';
import type { Cancel, ClockQuality } from '#contract/clock.ts';
import type { EventData, Sample } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Log } from '#contract/log.ts';
import type { Command, CommandReply, IncidentNotice } from '#contract/messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** A device's clock that moves only when told. */
export class ManualDeviceClock extends ManualClock implements DeviceClock {
  bootId = 'boot-1';
  bootedMs = 1_000;
  #quality: ClockQuality = 'synced';
  readonly #listeners = new Set<(quality: ClockQuality) => void>();

  quality(): ClockQuality {
    return this.#quality;
  }

  setQuality(quality: ClockQuality): void {
    this.#quality = quality;
    for (const listener of this.#listeners) listener(quality);
  }

  sinceBootMs(): number {
    return this.bootedMs + this.monoMs();
  }

  offerSiteTime(siteWallMs: number): void {
    this.setWall(siteWallMs);
  }

  onQuality(listener: (quality: ClockQuality) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

export interface Recorded {
  readonly type: EventType;
  readonly data: EventData<EventType>;
  readonly id: string;
}

/** Keeps what was recorded, in order; `trouble` decides what becomes of an alarm. */
export class FakeRecorder implements EventRecorder {
  readonly alarms: Recorded[] = [];
  readonly events: Recorded[] = [];
  readonly samples: Sample[] = [];
  trouble: 'none' | 'unstored' | 'throws' = 'none';
  #count = 0;

  recordAlarm<T extends EventType>(type: T, data: EventData<T>): RecordedAlarm {
    if (this.trouble === 'throws') throw new TypeError('broken journal');
    const id = this.#nextId();
    this.alarms.push({ type, data, id });
    return { id, stored: this.trouble === 'none' };
  }

  recordEvent<T extends EventType>(type: T, data: EventData<T>): string {
    const id = this.#nextId();
    this.events.push({ type, data, id });
    return id;
  }

  recordSample(sample: Sample): void {
    this.samples.push(sample);
  }

  #nextId(): string {
    this.#count += 1;
    return `event-${this.#count}`;
  }
}

export class FakeMemory implements Memory {
  readonly values = new Map<string, string>();
  readonly replies = new Map<string, CommandReply>();
  /** Everything written, in order: a reply by its id, a value by its key. */
  readonly writes: string[] = [];

  get(key: string): unknown {
    const text = this.values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  set(key: string, value: unknown): void {
    this.writes.push(key);
    this.values.set(key, JSON.stringify(value));
  }

  replyTo(commandId: string): CommandReply | null {
    return this.replies.get(commandId) ?? null;
  }

  rememberReply(reply: CommandReply): void {
    this.writes.push(reply.id);
    if (!this.replies.has(reply.id)) this.replies.set(reply.id, reply);
  }
}

/** A link and its delivery feed, moved by the test. */
export class FakeLink implements Link, DeliveryFeed {
  state: LinkState = 'up';
  urged = 0;
  reconnected = 0;
  published = 0;
  readonly replies: CommandReply[] = [];
  readonly #states = new Set<(state: LinkState) => void>();
  readonly #incidents = new Set<(notice: IncidentNotice) => void>();
  readonly #commands = new Set<(command: Command) => void>();
  readonly #deliveries = new Set<(eventId: string, stage: DeliveryStage) => void>();

  start(): void {
    this.setState('up');
  }

  async close(): Promise<void> {
    this.setState('closed');
  }

  urge(): void {
    this.urged += 1;
  }

  reconnect(): void {
    this.reconnected += 1;
  }

  onContent(): () => void {
    return () => undefined;
  }

  reply(reply: CommandReply): void {
    this.replies.push(reply);
  }

  stateChanged(): void {
    this.published += 1;
  }

  setState(state: LinkState): void {
    this.state = state;
    for (const listener of this.#states) listener(state);
  }

  deliver(id: string, stage: DeliveryStage): void {
    for (const listener of this.#deliveries) listener(id, stage);
  }

  notify(notice: IncidentNotice): void {
    for (const listener of this.#incidents) listener(notice);
  }

  command(command: Command): void {
    for (const listener of this.#commands) listener(command);
  }

  get listeners(): number {
    return this.#states.size + this.#incidents.size + this.#commands.size + this.#deliveries.size;
  }

  onState(listener: (state: LinkState) => void): Cancel {
    return subscribe(this.#states, listener);
  }

  onIncident(listener: (notice: IncidentNotice) => void): Cancel {
    return subscribe(this.#incidents, listener);
  }

  onCommand(listener: (command: Command) => void): Cancel {
    return subscribe(this.#commands, listener);
  }

  onDelivery(listener: (eventId: string, stage: DeliveryStage) => void): Cancel {
    return subscribe(this.#deliveries, listener);
  }
}

/** Says at once whatever it is told, and remembers it. */
export class FakeVoice implements Voice {
  readonly said: VoiceRequest[] = [];
  readonly hushed: VoicePriority[] = [];
  speaking: Utterance | null = null;
  readonly #listeners = new Set<(speaking: Utterance | null) => void>();

  say(request: VoiceRequest): void {
    this.said.push(request);
    this.#speak({ key: request.key, language: 'en' });
  }

  hush(priority: VoicePriority): void {
    this.hushed.push(priority);
    this.#speak(null);
  }

  onChange(listener: (speaking: Utterance | null) => void): Cancel {
    return subscribe(this.#listeners, listener);
  }

  async start(): Promise<void> {
    this.#speak(null);
  }

  async close(): Promise<void> {
    this.#speak(null);
  }

  #speak(utterance: Utterance | null): void {
    this.speaking = utterance;
    for (const listener of this.#listeners) listener(utterance);
  }
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

function subscribe<T>(listeners: Set<T>, listener: T): Cancel {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
