import type { Cancel, Clock } from '#contract/clock.ts';
import type { Sample } from '#contract/event-data.ts';
import { type Draft, type Envelopes, written } from './envelopes.ts';
import type { EventStore } from './event-store.ts';
import type { JournalRecord } from './record.ts';

const LIVE_BATCH_MS = 5_000;
/** While the link is down, to spare the card. */
const STORED_BATCH_MS = 60_000;
/** The most that one envelope may carry. */
const MOST_SAMPLES = 500;
/** Envelopes in memory that no receipt has confirmed; beyond it the oldest are dropped and declared. */
const MOST_WAITING = 200;

export interface TelemetryLaneOptions {
  readonly store: EventStore;
  readonly envelopes: Envelopes;
  readonly clock: Clock;
  readonly onReady: () => void;
}

interface Waiting {
  readonly seq: number;
  readonly draft: Draft;
}

/** Samples go out from memory while the link is up, and to disk at most once in 60 s while it is down. */
export class TelemetryLane {
  readonly #options: TelemetryLaneOptions;
  #mode: 'live' | 'offline' = 'offline';
  #samples: Sample[] = [];
  #waiting: Waiting[] = [];
  #timer: Cancel | null = null;

  constructor(options: TelemetryLaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  record(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length >= MOST_SAMPLES) this.#cut();
    else this.#arm();
  }

  setMode(mode: 'live' | 'offline'): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#timer?.();
    this.#timer = null;
    if (mode === 'live') this.#cut();
    else this.#arm();
  }

  after(key: number, limit: number): JournalRecord[] {
    const stored = this.#options.store.telemetry.after(key, limit);
    const live = this.#waiting.filter(({ seq }) => seq > key).slice(0, limit - stored.length);
    return [...stored, ...live.map((waiting) => this.#recordOf(waiting))];
  }

  at(seq: number): JournalRecord | null {
    const live = this.#waiting.find((waiting) => waiting.seq === seq);
    return live === undefined ? this.#options.store.telemetry.at(seq) : this.#recordOf(live);
  }

  seqsBetween(first: number, last: number): number[] {
    const live = this.#waiting.map(({ seq }) => seq).filter((seq) => seq >= first && seq <= last);
    return [...this.#options.store.telemetry.seqsBetween(first, last), ...live];
  }

  confirm(upTo: number): void {
    this.#waiting = this.#waiting.filter(({ seq }) => seq > upTo);
  }

  /** What is in memory gets its numbers anew, behind what is on disk. */
  renumber(): void {
    this.#waiting = this.#waiting.map(({ draft }) => ({
      draft,
      seq: this.#options.store.takeTelemetryNumber(),
    }));
  }

  /** Everything goes to disk: a clean end loses nothing. */
  close(): void {
    this.#mode = 'offline';
    this.#cut();
    this.#timer?.();
    this.#timer = null;
  }

  #arm(): void {
    if (this.#timer !== null || this.#samples.length + this.#waiting.length === 0) return;
    const delayMs = this.#mode === 'live' ? LIVE_BATCH_MS : STORED_BATCH_MS;
    this.#timer = this.#options.clock.after(delayMs, () => this.#cut());
  }

  #cut(): void {
    this.#timer?.();
    this.#timer = null;
    const draft = this.#draft();
    if (this.#mode === 'offline') this.#spill(draft);
    else if (draft !== null) this.#keep(draft);
  }

  #draft(): Draft | null {
    if (this.#samples.length === 0) return null;
    const samples = this.#samples;
    this.#samples = [];
    return this.#options.envelopes.draft('telemetry', 'wp.telemetry.sampled.v1', { samples });
  }

  #keep(draft: Draft): void {
    const { store, onReady } = this.#options;
    this.#waiting.push({ draft, seq: store.takeTelemetryNumber() });
    if (this.#waiting.length > MOST_WAITING) this.#dropOldest();
    onReady();
  }

  #dropOldest(): void {
    const { store } = this.#options;
    const oldest = this.#waiting.shift();
    if (oldest === undefined) return;
    store.dropped.telemetry += 1;
    const { book } = store.telemetry;
    const { epoch } = book;
    store.defer(() => book.close({ epoch, first: oldest.seq, last: oldest.seq, reason: 'space' }));
  }

  #spill(draft: Draft | null): void {
    const { store } = this.#options;
    for (const waiting of this.#waiting) store.store(waiting.draft, waiting.seq);
    this.#waiting = [];
    if (draft !== null) store.append('telemetry', draft);
  }

  #recordOf({ seq, draft }: Waiting): JournalRecord {
    const body = written(draft, this.#options.store.telemetry.book.epoch, seq);
    return { lane: 'telemetry', key: seq, id: draft.id, body };
  }
}
