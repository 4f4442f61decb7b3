import { Envelope } from '#contract/envelope.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import type { Receipt } from '#contract/messages.ts';
import type { Lane } from '#contract/topics.ts';

interface Track {
  upTo: number;
  /** Number → id of the event there, or null when it was declared dropped. */
  readonly seen: Map<number, string | null>;
  readonly rejected: Map<number, string>;
}

/** The site's side of DESIGN, Delivery, in memory and small enough to be seen to be right. */
export class ModelLedger {
  ledgerId: string;
  /** Events in the order of their first arrival. */
  readonly events: Envelope[] = [];
  readonly #ids = new Set<string>();
  readonly #tracks = new Map<string, Track>();
  readonly #volatile: string[] = [];
  /** Arrivals of an event that was there already. */
  repeats = 0;
  conflicts = 0;
  #second = 0;

  constructor(ledgerId = 'ledger-1') {
    this.ledgerId = ledgerId;
  }

  /** A copy as a backup would be. */
  backup(): ModelLedger {
    const copy = new ModelLedger(this.ledgerId);
    for (const event of this.events) copy.#add(event);
    for (const [key, { upTo, seen, rejected }] of this.#tracks) {
      copy.#tracks.set(key, { upTo, seen: new Map(seen), rejected: new Map(rejected) });
    }
    copy.#second = this.#second;
    return copy;
  }

  ofLane(lane: Lane): Envelope[] {
    return this.events.filter(({ wplane }) => wplane === lane);
  }

  ofType(type: string): Envelope[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Takes one message and answers with the receipt that is due. Throws on what no device may send. */
  take(body: string): Receipt {
    const event = Envelope.parse(JSON.parse(body));
    const { wpseq, wpepoch, wplane } = event;
    if (wpseq === undefined) return this.#takeVolatile(event);
    const track = this.#track(wpepoch, wplane);
    const there = track.seen.get(wpseq);
    if (there !== undefined && there !== null && there !== event.id) {
      this.conflicts += 1;
      track.rejected.set(wpseq, 'WP1007');
      return this.receipt(wpepoch, wplane);
    }
    track.seen.set(wpseq, event.id);
    this.#ingest(event);
    this.#advance(track);
    return this.receipt(wpepoch, wplane);
  }

  /** Forgets that it has these: as if they had been lost on the way. */
  lose(epoch: string, lane: Lane, seq: number): void {
    this.#track(epoch, lane).seen.delete(seq);
  }

  receipt(epoch: string, lane: Lane): Receipt {
    const { upTo, seen, rejected } = this.#track(epoch, lane);
    this.#second += 1;
    return {
      ledgerId: this.ledgerId,
      epoch,
      lane,
      upTo,
      atId: seen.get(upTo) ?? null,
      missing: missingIn(upTo, seen),
      rejected: [...rejected].map(([seq, code]) => ({ seq, code })),
      volatile: [...this.#volatile],
      siteTime: new Date(Date.UTC(2026, 10, 20) + this.#second * 1000).toISOString(),
    };
  }

  #takeVolatile(event: Envelope): Receipt {
    this.#ingest(event);
    if (!this.#volatile.includes(event.id)) this.#volatile.push(event.id);
    return this.receipt(event.wpepoch, event.wplane);
  }

  #ingest(event: Envelope): void {
    if (this.#ids.has(event.id)) {
      this.repeats += 1;
      return;
    }
    this.#add(event);
    if (event.type === 'wp.lane.dropped.v1') this.#closeRange(event);
  }

  #add(event: Envelope): void {
    this.#ids.add(event.id);
    this.events.push(event);
  }

  #closeRange(event: Envelope): void {
    const { epoch, lane, from, to } = EVENT_DATA['wp.lane.dropped.v1'].parse(event.data);
    const track = this.#track(epoch, lane);
    for (let seq = from; seq <= to; seq += 1) if (!track.seen.has(seq)) track.seen.set(seq, null);
    this.#advance(track);
  }

  #advance(track: Track): void {
    while (track.seen.has(track.upTo + 1)) track.upTo += 1;
  }

  #track(epoch: string, lane: Lane): Track {
    const key = `${epoch}/${lane}`;
    const track = this.#tracks.get(key) ?? { upTo: 0, seen: new Map(), rejected: new Map() };
    this.#tracks.set(key, track);
    return track;
  }
}

function missingIn(upTo: number, seen: ReadonlyMap<number, string | null>): [number, number][] {
  const above = [...seen.keys()].filter((seq) => seq > upTo).sort((a, b) => a - b);
  const missing: [number, number][] = [];
  let from = upTo + 1;
  for (const seq of above) {
    if (from < seq) missing.push([from, seq - 1]);
    from = seq + 1;
  }
  return missing.slice(0, 100);
}
