import type { ServerResponse } from 'node:http';
import type { Cancel, Clock, MonoMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { STREAM_EVENTS } from '#contract/http.ts';

export type StreamEvent = (typeof STREAM_EVENTS)[number];

/** One open stream. */
export interface Viewer {
  /** Whose it is. */
  readonly person: string;
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
/** Of one person: nobody, and no token that leaked, keeps the others' consoles out. */
const MAX_STREAMS_OF_ONE = 50;
/** A client that does not read is cut off here; it comes back and catches up. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Of what a client has missed, the newest that fit into this; it reloads its lists all the same. */
const MAX_CAUGHT_UP_BYTES = MAX_UNREAD_BYTES / 2;
/** Text kept for clients that come back. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** A console that has once answered must go on answering: three heartbeats without are a dead one. */
const SILENT_MS = 3 * HEARTBEAT_MS;

/** The header that names a stream. */
export const STREAM_ID_HEADER = 'watchpost-stream';

interface OpenViewer extends Viewer {
  readonly id: string;
  /** When it has answered last; null while it never has. */
  answeredMs: MonoMs | null;
  /** Heartbeats that the kernel has not taken yet. */
  beatsWaiting: number;
}

/**
 * Server-sent events. A client that comes back with `Last-Event-ID` gets what it missed as far as it is still kept;
 * ids carry the run of the broker, so that those of another run are not taken for ours. Clients reload their lists
 * when they connect: the stream alone is never the truth.
 *
 * A stream whose other end has died looks open until TCP gives up, a quarter of an hour later. The escalation must
 * not believe in a console that nobody sees: ours answers each heartbeat (`POST stream/{id}/alive`), and whoever has
 * answered once and stops is cut off. One that never answers counts for as long as its bytes are taken.
 */
export class Feed {
  readonly #clock: Clock;
  readonly #run: string;
  readonly #viewers = new Map<string, OpenViewer>();
  #kept: Sent[] = [];
  #keptBytes = 0;
  #number = 0;
  #opened = 0;
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
    for (const viewer of this.#viewers.values()) viewer.response.end();
    this.#viewers.clear();
  }

  /** Consoles that are open now. */
  get consoles(): number {
    return [...this.#viewers.values()].filter(({ counts }) => counts === 'as-console').length;
  }

  publish(event: StreamEvent, data: object): void {
    this.#number += 1;
    const text = `id: ${this.#run}-${this.#number}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#keep({ number: this.#number, text });
    for (const viewer of this.#viewers.values()) this.#write(viewer, text);
  }

  /** Takes the response over. Throws WP3411 when there are too many already, in all or of this person. */
  open(viewer: Viewer): void {
    const own = [...this.#viewers.values()].filter(({ person }) => person === viewer.person).length;
    if (this.#viewers.size >= MAX_STREAMS || own >= MAX_STREAMS_OF_ONE) throw new WatchpostError('WP3411');
    this.#opened += 1;
    const id = `${this.#run}-${this.#opened}`;
    const { response, headers, lastEventId } = viewer;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      [STREAM_ID_HEADER]: id,
    });
    response.write(`retry: 2000\n: ${this.#run}\n\n`);
    for (const { text } of this.#missedBy(lastEventId)) response.write(text);
    this.#viewers.set(id, { ...viewer, id, answeredMs: null, beatsWaiting: 0 });
    response.on('close', () => this.#viewers.delete(id));
    response.on('error', () => this.#viewers.delete(id));
  }

  /** The console of this stream is there and has read what came. Throws WP3415. */
  answered(id: string, person: string): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined || viewer.person !== person) throw new WatchpostError('WP3415', { detail: id });
    viewer.answeredMs = this.#clock.monoMs();
  }

  /** Ends the streams of those who are out. */
  recheck(): void {
    for (const viewer of this.#viewers.values()) {
      if (!viewer.isCurrent()) this.#drop(viewer, () => viewer.response.end());
    }
  }

  #keep(sent: Sent): void {
    this.#kept.push(sent);
    this.#keptBytes += sent.text.length;
    if (this.#kept.length <= KEPT * 2 && this.#keptBytes <= MAX_KEPT_BYTES) return;
    this.#kept = newestWithin(this.#kept.slice(-KEPT), MAX_KEPT_BYTES / 2);
    this.#keptBytes = this.#kept.reduce((bytes, { text }) => bytes + text.length, 0);
  }

  #missedBy(lastEventId: string | null): readonly Sent[] {
    const prefix = `${this.#run}-`;
    if (lastEventId === null || !lastEventId.startsWith(prefix)) return [];
    const seen = Number(lastEventId.slice(prefix.length));
    const missed = this.#kept.filter(({ number }) => number > seen);
    return newestWithin(missed, MAX_CAUGHT_UP_BYTES);
  }

  #beat(): void {
    this.recheck();
    for (const viewer of this.#viewers.values()) {
      if (this.#isDead(viewer)) this.#drop(viewer, () => viewer.response.destroy());
      else this.#greet(viewer);
    }
  }

  /** The kernel takes bytes only while the other end takes some: of three heartbeats one must have gone. */
  #isDead({ answeredMs, beatsWaiting }: OpenViewer): boolean {
    const isSilent = answeredMs !== null && this.#clock.monoMs() - answeredMs >= SILENT_MS;
    return isSilent || beatsWaiting >= 3;
  }

  #greet(viewer: OpenViewer): void {
    viewer.beatsWaiting += 1;
    this.#write(viewer, ': still here\n\n', () => {
      viewer.beatsWaiting -= 1;
    });
  }

  #write(viewer: OpenViewer, text: string, taken?: () => void): void {
    const { response } = viewer;
    if (response.writableLength > MAX_UNREAD_BYTES) this.#drop(viewer, () => response.destroy());
    else response.write(text, () => taken?.());
  }

  #drop(viewer: OpenViewer, end: () => void): void {
    this.#viewers.delete(viewer.id);
    end();
  }
}

/** The end of the list, as far as it fits. */
function newestWithin(sent: readonly Sent[], maxBytes: number): Sent[] {
  let bytes = 0;
  let from = sent.length;
  for (const { text } of sent.toReversed()) {
    bytes += text.length;
    if (bytes > maxBytes) break;
    from -= 1;
  }
  return sent.slice(from);
}
