import type { Writable } from 'node:stream';
import { bytesInWords } from './quantities.ts';

/** On a terminal a line that changes, four times a second; elsewhere a line a second. */
const EVERY_MS = { terminal: 250, lines: 1_000 } as const;

export interface MeterOutput {
  readonly stream: Writable;
  readonly kind: 'terminal' | 'lines';
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/** Says how far a writing is, how fast, and how long it will still take. */
export class Meter {
  readonly #total: number;
  readonly #output: MeterOutput;
  readonly #startMs: number;
  #saidMs = Number.NEGATIVE_INFINITY;
  #isOpen = false;

  constructor(total: number, output: MeterOutput) {
    this.#total = total;
    this.#output = output;
    this.#startMs = output.now();
  }

  tell(done: number): void {
    const nowMs = this.#output.now();
    const isLast = done >= this.#total;
    if (!isLast && nowMs - this.#saidMs < EVERY_MS[this.#output.kind]) return;
    this.#saidMs = nowMs;
    this.#say(progressLine(done, this.#total, nowMs - this.#startMs));
  }

  /** Ends the line. */
  end(): void {
    if (this.#isOpen) this.#output.stream.write('\n');
    this.#isOpen = false;
  }

  #say(line: string): void {
    const isTerminal = this.#output.kind === 'terminal';
    this.#output.stream.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    this.#isOpen = isTerminal;
  }
}

/** Before, a rate says nothing. */
const RATE_AFTER_MS = 500;

/** `4.0 MB of 10.0 MB (40 %), 2.0 MB/s, 3 s left` */
export function progressLine(done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 100 : Math.floor((100 * done) / total);
  const parts = [`${bytesInWords(done)} of ${bytesInWords(total)} (${share} %)`];
  if (done > 0 && (elapsedMs >= RATE_AFTER_MS || (done >= total && elapsedMs > 0))) {
    const bytesAMs = done / elapsedMs;
    parts.push(`${bytesInWords(Math.round(bytesAMs * 1000))}/s`);
    if (done < total) parts.push(`${Math.ceil((total - done) / bytesAMs / 1000)} s left`);
  }
  return parts.join(', ');
}
