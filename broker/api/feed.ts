import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { STREAM_EVENTS } from '#contract/http.ts';

export type StreamEvent = (typeof STREAM_EVENTS)[number];

/** One open stream. */
export interface Viewer {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  /** The id of the last event the client has seen, where it says so. */
  readonly lastEventId: string | null;
  /** Whether a person who can take an incident looks on here. */
  readonly counts: 'as-console' | 'not';
  /** Asked when access has changed, and at every heartbeat: a session that has ended ends its streams. */
  readonly isCurrent: () => boolean;
}

interface Sent {
  readonly number: number;
  readonly text: string;
}

const HEARTBEAT_MS = 15_000;
/** Events kept for clients that come back. */
const KEPT = 500;
const MAX_STREAMS = 200;
/** A client that does not read is cut off here; it comes back and catches up. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * Server-sent events. A client that comes back with `Last-Event-ID` gets what it missed as far as it is still kept;
 * ids carry the run of the broker, so that those of another run are not taken for ours. Clients reload their lists
 * when they connect: the stream alone is never the truth.
 */
export class Feed {
  readonly #clock: Clock;
  readonly #run: string;
  readonly #viewers = new Set<Viewer>();
  #kept: Sent[] = [];
  #number = 0;
  #cancel: Cancel | null = null;

  constructor(clock: Clock, run: string) {
    this.#clock = clock;
    this.#run = run;
  }

  start(): void {
    this.#cancel = this.#clock.every(HEARTBEAT_MS, () => this.#beat());
  }

  /** Ends all streams. Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const viewer of this.#viewers) viewer.response.end();
    this.#viewers.clear();
  }

  /** Consoles that are open now. */
  get consoles(): number {
    return [...this.#viewers].filter(({ counts }) => counts === 'as-console').length;
  }

  publish(event: StreamEvent, data: object): void {
    this.#number += 1;
    const text = `id: ${this.#run}-${this.#number}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#kept.push({ number: this.#number, text });
    if (this.#kept.length > KEPT * 2) this.#kept = this.#kept.slice(-KEPT);
    for (const viewer of this.#viewers) this.#write(viewer, text);
  }

  /** Takes the response over. Throws WP3411 when there are too many already. */
  open(viewer: Viewer): void {
    if (this.#viewers.size >= MAX_STREAMS) throw new WatchpostError('WP3411');
    const { response, headers, lastEventId } = viewer;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: 2000\n: ${this.#run}\n\n`);
    for (const { text } of this.#missedBy(lastEventId)) response.write(text);
    this.#viewers.add(viewer);
    response.on('close', () => this.#viewers.delete(viewer));
    response.on('error', () => this.#viewers.delete(viewer));
  }

  /** Ends the streams of those who are out. */
  recheck(): void {
    for (const viewer of this.#viewers) {
      if (!viewer.isCurrent()) this.#drop(viewer, () => viewer.response.end());
    }
  }

  #missedBy(lastEventId: string | null): readonly Sent[] {
    const prefix = `${this.#run}-`;
    if (lastEventId === null || !lastEventId.startsWith(prefix)) return [];
    const seen = Number(lastEventId.slice(prefix.length));
    return this.#kept.filter(({ number }) => number > seen);
  }

  #beat(): void {
    this.recheck();
    for (const viewer of this.#viewers) this.#write(viewer, ': still here\n\n');
  }

  #write(viewer: Viewer, text: string): void {
    const { response } = viewer;
    if (response.writableLength > MAX_UNREAD_BYTES) this.#drop(viewer, () => response.destroy());
    else response.write(text);
  }

  #drop(viewer: Viewer, end: () => void): void {
    this.#viewers.delete(viewer);
    end();
  }
}
