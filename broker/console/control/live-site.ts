import type { Cancel, Clock } from '#contract/clock.ts';
import { DeviceItem, IncidentItem } from '#contract/http.ts';
import type { IncidentState } from '#contract/messages.ts';
import type { Answer } from '../api/answer.ts';
import type { ApiClient } from '../api/client.ts';
import type { ServerEvent } from '../api/sse-parser.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { Store } from '../state/store.ts';

export const POLL_MS = 5000;
/** All of these are fetched, however old; of those that wait for their review only the newest. */
const OPEN_STATES = [
  'open',
  'acknowledged',
  'assigned',
  'on-scene',
] as const satisfies readonly IncidentState[];
/** The Date header has whole seconds, and a request takes a while: less than this is no skew. */
const SKEW_TOLERANCE_MS = 2500;

interface StreamControl {
  start(): void;
  close(): void;
}

interface SiteParts {
  readonly client: Pick<ApiClient, 'incidents' | 'devices'>;
  readonly store: Store<ConsoleState, ConsoleEvent>;
  readonly clock: Clock;
}

/**
 * Keeps the page as the site is: a full list at the start and whenever the stream comes (back), the stream's
 * changes in between, and a full list every five seconds while there is no stream.
 */
export class LiveSite {
  readonly #parts: SiteParts;
  #stream: StreamControl | null = null;
  #streaming: 'yes' | 'no' = 'no';
  #cancelPoll: Cancel | null = null;
  #syncing: Promise<boolean> | null = null;

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  start(stream: StreamControl): void {
    this.close();
    this.#stream = stream;
    stream.start();
  }

  close(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#streaming = 'no';
    this.#endPolls();
  }

  async onOpen(): Promise<void> {
    this.#streaming = 'yes';
    // A list that was asked for before the stream opened may miss what happened in between.
    await this.#syncing;
    if (!(await this.sync())) this.#poll();
  }

  onDown(): void {
    this.#streaming = 'no';
    this.#say('down');
    this.#poll();
  }

  onUnauthorised(): void {
    this.close();
    this.#parts.store.dispatch({ type: 'session-needed', trouble: null });
  }

  onEvent({ event, data }: ServerEvent): void {
    if (event === 'incident') this.#onIncident(IncidentItem.safeParse(parseJson(data)).data);
    if (event === 'device') this.#onDevice(DeviceItem.safeParse(parseJson(data)).data);
  }

  /** Lists everything anew; false when the site did not answer. */
  sync(): Promise<boolean> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  async #sync(): Promise<boolean> {
    const { store, clock } = this.#parts;
    const streamingBefore = this.#streaming;
    const knownBefore = new Set(store.state.incidents.keys());
    const incidents = await this.#listIncidents();
    const devices = incidents.ok ? await this.#parts.client.devices() : incidents;
    if (!incidents.ok || !devices.ok) {
      if (!devices.ok && devices.trouble.kind === 'unauthorised') this.onUnauthorised();
      return false;
    }
    const atMs = clock.wallMs();
    const skewMs = skewOf(devices.dateMs, atMs);
    const snapshot = { incidents: incidents.value, devices: devices.value, knownBefore, atMs, skewMs };
    store.dispatch({ type: 'snapshot', snapshot });
    if (streamingBefore === 'yes' && this.#streaming === 'yes') this.#live();
    return true;
  }

  async #listIncidents(): Promise<Answer<IncidentItem[]>> {
    const { client } = this.#parts;
    // In the order of the lifecycle: what is resolved between the two is met again in the second.
    const open = await client.incidents(OPEN_STATES, 'all');
    const resolved = open.ok ? await client.incidents(['resolved'], 'newest') : open;
    if (!open.ok || !resolved.ok) return resolved;
    return { ...resolved, value: [...open.value, ...resolved.value] };
  }

  #onIncident(incident: IncidentItem | undefined): void {
    // What this page cannot read it must not hide: the list says what is there, or that it cannot be read.
    if (incident === undefined) return void this.sync();
    this.#parts.store.dispatch({ type: 'incident', incident });
  }

  #onDevice(device: DeviceItem | undefined): void {
    if (device === undefined) return void this.sync();
    this.#parts.store.dispatch({ type: 'device', device });
  }

  #live(): void {
    this.#endPolls();
    this.#say('live');
  }

  #poll(): void {
    if (this.#cancelPoll !== null) return;
    this.#cancelPoll = this.#parts.clock.every(POLL_MS, () => void this.sync());
    void this.sync();
  }

  #endPolls(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = null;
  }

  #say(state: 'live' | 'down'): void {
    this.#parts.store.dispatch({ type: 'connection', state, atMs: this.#parts.clock.wallMs() });
  }
}

function skewOf(dateMs: number | null, atMs: number): number {
  const skewMs = dateMs === null ? 0 : dateMs - atMs;
  return Math.abs(skewMs) < SKEW_TOLERANCE_MS ? 0 : skewMs;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // fits no schema: treated as an event this page cannot read
  }
}
