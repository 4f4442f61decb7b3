import type { Cancel, Clock } from '#contract/clock.ts';
import { API_ROOT } from '#contract/http.ts';
import type { Fetch } from './client.ts';
import { type ServerEvent, SseParser } from './sse-parser.ts';

/** Silence after which the stream counts as dead; the site sends a comment at least every 15 s. */
export const STREAM_SILENCE_MS = 35_000;
const RETRY_MS = 2000;
/** The site's name for the stream, by which it hears that somebody is there. */
const STREAM_ID_HEADER = 'watchpost-stream';
/** Heartbeats come every 15 s; what comes in between need not be answered. */
const ANSWER_EVERY_MS = 10_000;

export interface StreamListener {
  onOpen(): void;
  onEvent(event: ServerEvent): void;
  /** Called once for each loss; attempts to come back go on by themselves until closed. */
  onDown(): void;
  onUnauthorised(): void;
}

interface StreamParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly listener: StreamListener;
}

/**
 * `GET stream`, read with fetch and not with EventSource: that one hides the heartbeats, so a line that was cut
 * without a word (a pulled cable) would look live for minutes, and it hides a 401 as just another failure.
 */
export class EventStream {
  readonly #parts: StreamParts;
  #abort: AbortController | null = null;
  #cancelRetry: Cancel = () => undefined;
  #cancelWatchdog: Cancel = () => undefined;
  #lastId: string | null = null;
  #open: 'no' | 'yes' = 'no';
  #answeredMs = Number.NEGATIVE_INFINITY;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#abort !== null) return;
    this.#abort = new AbortController();
    void this.#run(this.#abort);
  }

  close(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#open = 'no';
    this.#cancelRetry();
    this.#cancelWatchdog();
  }

  async #run(abort: AbortController): Promise<void> {
    const outcome = await this.#read(abort);
    this.#cancelWatchdog();
    // Closed (or closed and started anew) meanwhile: this run has no say any more.
    if (this.#abort !== abort) return;
    this.close();
    if (outcome === 'unauthorised') return this.#parts.listener.onUnauthorised();
    this.#parts.listener.onDown();
    this.#cancelRetry = this.#parts.clock.after(RETRY_MS, () => this.start());
  }

  async #read(abort: AbortController): Promise<'lost' | 'unauthorised'> {
    this.#watch(abort);
    try {
      const response = await this.#parts.fetch(`${API_ROOT}/stream`, {
        signal: abort.signal,
        cache: 'no-store',
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastId !== null && { 'last-event-id': this.#lastId }),
        },
      });
      if (response.status === 401) return 'unauthorised';
      if (!response.ok || response.body === null) return 'lost';
      await this.#readBody(response, response.body.getReader(), abort);
      return 'lost';
    } catch {
      return 'lost'; // whatever the reason, the page says that it is not live and tries again
    }
  }

  async #readBody(
    { headers }: Response,
    reader: ReadableStreamDefaultReader<Uint8Array>,
    abort: AbortController,
  ): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    if (this.#abort !== abort) return;
    this.#open = 'yes';
    this.#answeredMs = Number.NEGATIVE_INFINITY;
    this.#parts.listener.onOpen();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#abort !== abort) return;
      this.#watch(abort);
      this.#answer(headers.get(STREAM_ID_HEADER), abort);
      for (const event of parser.push(decoder.decode(value, { stream: true }))) this.#tell(event);
    }
  }

  /** Tells the site that what it sends is read: only then does it count on somebody being here. */
  #answer(id: string | null, { signal }: AbortController): void {
    const { clock, fetch } = this.#parts;
    if (id === null || clock.monoMs() - this.#answeredMs < ANSWER_EVERY_MS) return;
    this.#answeredMs = clock.monoMs();
    fetch(`${API_ROOT}/stream/${encodeURIComponent(id)}/alive`, { method: 'POST', signal }).catch(() => {
      this.#answeredMs = Number.NEGATIVE_INFINITY; // the next heartbeat is answered whatever the time
    });
  }

  #tell(event: ServerEvent): void {
    if (event.id !== null) this.#lastId = event.id;
    if (this.#open === 'yes') this.#parts.listener.onEvent(event);
  }

  #watch(abort: AbortController): void {
    this.#cancelWatchdog();
    this.#cancelWatchdog = this.#parts.clock.after(STREAM_SILENCE_MS, () => abort.abort());
  }
}
