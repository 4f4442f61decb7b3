import type { KioskChoice, KioskView } from '#agent/ports/kiosk.ts';
import type { Cancel, Clock } from '#contract/clock.ts';

/** The device sends something every 5 s; twice that and a little is silence. */
const SILENCE_MS = 12_000;
const RETRY_MS = 1_000;
const MOST_CHARACTERS = 500_000;

type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export interface LineListener {
  onView(view: KioskView): void;
  onDown(): void;
  /** The name of the script that the device serves now. */
  onPage(script: string): void;
}

interface LineParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly token: string;
  readonly listener: LineListener;
}

/**
 * The line to the device: what it shows comes as server-sent events, read with fetch because EventSource can carry no
 * token and hides heartbeats. It comes back by itself.
 */
export class DeviceLine {
  readonly #parts: LineParts;
  #abort = new AbortController();
  #cancelWatch: Cancel = () => undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#run();
  }

  /** What the device refuses it has a reason for; the view that follows shows it. */
  async choose(choice: KioskChoice): Promise<void> {
    const { fetch, token } = this.#parts;
    try {
      await fetch('/choice', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(choice),
      });
    } catch {
      this.#abort.abort(); // the line is down: say so, and try again
    }
  }

  async #run(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    await this.#read(abort);
    this.#cancelWatch();
    this.#parts.listener.onDown();
    this.#parts.clock.after(RETRY_MS, () => void this.#run());
  }

  async #read(abort: AbortController): Promise<void> {
    const { fetch, token, listener } = this.#parts;
    const headers = { authorization: `Bearer ${token}` };
    this.#watch(abort);
    try {
      const response = await fetch('/state', { headers, signal: abort.signal, cache: 'no-store' });
      if (!response.ok || response.body === null) return;
      listener.onPage(response.headers.get('watchpost-page') ?? '');
      await this.#readBody(response.body.getReader(), abort);
    } catch {
      return; // whatever the reason, the page says that it is not connected and tries again
    }
  }

  async #readBody(reader: ReadableStreamDefaultReader<Uint8Array>, abort: AbortController): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#watch(abort);
      const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      if (text.length > MOST_CHARACTERS) throw new RangeError('an event without end');
      for (const event of events) this.#tell(event);
    }
  }

  #tell(event: string): void {
    const data = event.split('\n').find((line) => line.startsWith('data: '));
    if (data !== undefined) this.#parts.listener.onView(JSON.parse(data.slice('data: '.length)));
  }

  #watch(abort: AbortController): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#parts.clock.after(SILENCE_MS, () => abort.abort());
  }
}
