import * as z from 'zod';
import type { BypassGate } from '#agent/ports/bypass.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import { type Watches, WatchReport } from '#agent/ports/vision-watches.ts';
import type { Clock } from '#contract/clock.ts';
import type { EventData, Place } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Log } from '#contract/log.ts';
import { KeptFact } from './kept-fact.ts';

export interface WatchEventsOptions {
  readonly camera: string;
  /** What the profile asks for now. */
  readonly watches: Watches;
  /** Where the device is now. */
  readonly place: () => Place;
  /** A door whose contact is bypassed is not watched for followers: they are counted. */
  readonly gate?: BypassGate;
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

type Told = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[
  | 'wp.crowd.exceeded.v1'
  | 'wp.crowd.eased.v1'
  | 'wp.loitering.detected.v1'
  | 'wp.loitering.ended.v1'
  | 'wp.tailgating.detected.v1'
  | 'wp.camera.impaired.v1'
  | 'wp.camera.restored.v1'];

/** What lasts, and ends: each but somebody who follows through a door. */
type OpenWatch = Exclude<WatchReport, { watch: 'tailgating' }>;

/** More than a profile can name: 16 areas for crowds, 16 for loitering, and the faults of the camera. */
const MAX_OPEN = 64;
const Kept = z.object({
  version: z.literal(1),
  camera: z.string(),
  open: z.array(WatchReport).max(MAX_OPEN),
});
type Kept = z.infer<typeof Kept>;

/**
 * Tells what the watches of a camera find, each beginning and each end once. A vision process says after its start
 * how things are, not what has changed; the changes are told here. What has begun and not ended is kept over a
 * restart of the agent, so that nothing is told twice and every end is told.
 */
export class WatchEvents {
  readonly #options: WatchEventsOptions;
  /** What has begun, as it was reported then. */
  readonly #open = new Map<string, OpenWatch>();
  readonly #kept: KeptFact<Kept>;

  constructor(options: WatchEventsOptions) {
    this.#options = options;
    const { memory, clock, log } = options;
    const current = () => this.#current();
    this.#kept = new KeptFact({ key: 'camera-watches', schema: Kept, current, memory, clock, log });
  }

  /** Takes up what was open when the device last ran, and ends what the profile no longer asks for. */
  start(): void {
    const kept = this.#kept.read();
    if (kept === null) return;
    for (const report of kept.open) {
      if (report.watch === 'tailgating') continue;
      const isWatched = kept.camera === this.#options.camera && isNamed(report, this.#options.watches);
      if (isWatched) this.#open.set(keyOf(report), report);
      else this.#giveUp(report, kept.camera);
    }
  }

  /** Idempotent. */
  close(): void {
    this.#kept.close();
  }

  /** Of the fullest area that is crowded now; 0 where none is. */
  get people(): number {
    return Math.max(0, ...[...this.#open.values()].map((it) => (it.watch === 'crowd' ? it.people : 0)));
  }

  tell(report: WatchReport): void {
    if (!this.#isNews(report) || this.#isSuppressed(report)) return;
    const { place, camera } = this.#options;
    this.#record(eventOf(report, place(), camera.slice(0, 64)));
  }

  #giveUp(report: OpenWatch, camera: string): void {
    const told = eventOf({ ...report, state: 'ended' }, this.#options.place(), camera.slice(0, 64));
    told.data.cause = 'unwatched';
    this.#record(told);
    this.#kept.changed();
  }

  #record({ type, data }: Told): void {
    const eventId = this.#options.recorder.recordEvent(type, data);
    this.#options.log.info({ eventId, type, name: data.name ?? data.fault }, 'watch-reported');
  }

  #isSuppressed({ watch, name }: WatchReport): boolean {
    const { watches, gate } = this.#options;
    if (watch !== 'tailgating' || gate === undefined) return false;
    const input = watches.tailgating.find((each) => each.name === name)?.input;
    if (input === undefined || !gate.isBypassed(input)) return false;
    gate.suppress(input);
    return true;
  }

  #isNews(report: WatchReport): boolean {
    if (report.watch === 'tailgating') return true;
    const key = keyOf(report);
    const isNews = report.state === 'ended' ? this.#open.delete(key) : !this.#open.has(key);
    if (isNews && report.state === 'began') this.#open.set(key, report);
    if (isNews) this.#kept.changed();
    return isNews;
  }

  #current(): Kept {
    return { version: 1, camera: this.#options.camera, open: [...this.#open.values()].slice(-MAX_OPEN) };
  }
}

const keyOf = ({ watch, name }: OpenWatch): string => `${watch}:${name}`;

function isNamed({ watch, name }: OpenWatch, watches: Watches): boolean {
  if (watch === 'impairment') return watches.impairment.includes(name);
  return watches[watch].some((each) => each.name === name);
}

function eventOf(report: WatchReport, place: Place, camera: string): Told {
  const { t, name } = report;
  const has = report.state === 'began';
  switch (report.watch) {
    case 'crowd': {
      const { people, limit } = report;
      const data = { place, camera, name, t, people: Math.max(0, people), limit: Math.max(0, limit) };
      return { type: has ? 'wp.crowd.exceeded.v1' : 'wp.crowd.eased.v1', data };
    }
    case 'loitering': {
      const data = { place, camera, name, t, since: report.since };
      return { type: has ? 'wp.loitering.detected.v1' : 'wp.loitering.ended.v1', data };
    }
    case 'tailgating': {
      const crossings = Math.max(2, report.crossings);
      return { type: 'wp.tailgating.detected.v1', data: { place, camera, name, t, crossings } };
    }
    case 'impairment': {
      const data = { place, camera, fault: report.name, t, since: report.since };
      return { type: has ? 'wp.camera.impaired.v1' : 'wp.camera.restored.v1', data };
    }
  }
}
