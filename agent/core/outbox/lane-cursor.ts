import type { Lane } from '#contract/topics.ts';
import type { JournalRecord } from '../journal/record.ts';

/** Where records come from. The journal fits. */
export interface RecordSource {
  after(lane: Lane, key: number, limit: number): JournalRecord[];
  at(lane: Lane, key: number): JournalRecord | null;
}

/** Rows read at once, so that draining does not ask the database for each. */
const PAGE = 64;

/** Walks a lane in order, once a connection, with those asked for again in front. */
export class LaneCursor {
  readonly lane: Lane;
  readonly #source: RecordSource;
  #key = 0;
  #page: JournalRecord[] = [];
  #again: number[] = [];
  /** Nothing was behind the cursor: not asked again before there is something new. */
  #isDry = false;

  constructor(source: RecordSource, lane: Lane) {
    this.#source = source;
    this.lane = lane;
  }

  /** From the lane's beginning: a new connection, a new epoch, alarms offered again. */
  restart(): void {
    this.#key = 0;
    this.#page = [];
    this.#again = [];
    this.#isDry = false;
  }

  /** Something new may have come. */
  wake(): void {
    this.#isDry = false;
  }

  /** Sends these once more, before what follows. Those that the cursor has not reached yet come by themselves. */
  again(keys: readonly number[]): void {
    for (const key of keys) {
      if (key <= this.#key && !this.#again.includes(key)) this.#again.push(key);
    }
  }

  /** The next record and whether it was asked for, or null when the lane is empty. Skips what is in flight. */
  next(isInFlight: (id: string) => boolean): Step | null {
    for (let key = this.#again.shift(); key !== undefined; key = this.#again.shift()) {
      const record = this.#source.at(this.lane, key);
      if (record !== null && !isInFlight(record.id)) return { record, cause: 'asked' };
    }
    for (let record = this.#shift(); record !== null; record = this.#shift()) {
      this.#key = record.key;
      if (!isInFlight(record.id)) return { record, cause: 'turn' };
    }
    return null;
  }

  #shift(): JournalRecord | null {
    if (this.#page.length === 0 && !this.#isDry) {
      // Should reading fail, it is tried again when there is something new, not at once.
      this.#isDry = true;
      this.#page = this.#source.after(this.lane, this.#key, PAGE);
      this.#isDry = this.#page.length === 0;
    }
    return this.#page.shift() ?? null;
  }
}

export interface Step {
  readonly record: JournalRecord;
  readonly cause: 'asked' | 'turn';
}
