import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { KioskSource } from '../ports/kiosk.ts';

/** One screen has one; a reloaded page's former one may not have ended yet. */
const MOST_STREAMS = 4;
const HEARTBEAT_MS = 5_000;
/** A page that reads nothing for so many bytes is gone. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** Sends the whole view to every open page whenever it changes (server-sent events). */
export class StateStreams {
  readonly #source: KioskSource;
  readonly #clock: Clock;
  readonly #open = new Set<ServerResponse>();
  #stop: Cancel = () => undefined;

  constructor({ source, clock }: { source: KioskSource; clock: Clock }) {
    this.#source = source;
    this.#clock = clock;
  }

  start(): void {
    const ends = [
      this.#source.onChange(() => this.#sendAll(this.#event())),
      this.#clock.every(HEARTBEAT_MS, () => this.#sendAll(': alive\n\n')),
    ];
    this.#stop = () => {
      for (const end of ends) end();
    };
  }

  close(): void {
    this.#stop();
    for (const stream of this.#open) stream.destroy();
    this.#open.clear();
  }

  /** The eldest goes when there are too many. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    const [eldest] = this.#open;
    if (this.#open.size >= MOST_STREAMS) eldest?.destroy();
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(this.#event());
  }

  #event(): string {
    return `event: state\ndata: ${JSON.stringify(this.#source.view())}\n\n`;
  }

  #sendAll(text: string): void {
    for (const stream of this.#open) {
      if (stream.writableLength > MOST_UNREAD_BYTES) stream.destroy();
      else stream.write(text);
    }
  }
}
