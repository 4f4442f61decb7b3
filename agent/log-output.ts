import { write } from 'node:fs';
import pino from 'pino';
import type { Log } from '#contract/log.ts';

const STANDARD_ERROR = 2;
/** Held while the output takes nothing; what comes beyond it is lost, and counted. */
const MOST_HELD_CHARACTERS = 1024 * 1024;
const FLUSH_WITHIN_MS = 1_000;
const RETRY_AFTER_MS = 100;

export interface LogOutput {
  readonly log: Log;
  /** Calls when what was logged is out, or cannot be got out. */
  readonly flush: (done: () => void) => void;
}

/** JSON lines on a file descriptor, standard error by default. */
export function openLog(base: Record<string, string>, fd = STANDARD_ERROR): LogOutput {
  const lines = new LogLines(fd);
  return { log: pino({ base }, lines), flush: (done) => lines.flush(done) };
}

/**
 * Writes off the event loop: a full disk, a reader that has gone away or one that hangs takes lines from the log, and
 * neither stops nor delays an alarm, nor the end of the program.
 */
class LogLines {
  readonly #fd: number;
  #held = '';
  #lost = 0;
  #isWriting = false;
  #waiting: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#held.length + line.length > MOST_HELD_CHARACTERS) this.#lost += 1;
    else this.#held += line;
    this.#next();
  }

  flush(done: () => void): void {
    if (!this.#isWriting && this.#held === '') {
      done();
      return;
    }
    const timer = setTimeout(done, FLUSH_WITHIN_MS);
    this.#waiting.push(() => {
      clearTimeout(timer);
      done();
    });
  }

  #next(): void {
    if (this.#isWriting) return;
    if (this.#held === '') {
      for (const done of this.#waiting.splice(0)) done();
      return;
    }
    const bytes = Buffer.from(this.#held);
    this.#held = '';
    this.#isWriting = true;
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#write(bytes), RETRY_AFTER_MS).unref();
        return;
      }
      if (error === null && written < bytes.length) {
        this.#write(bytes.subarray(written));
        return;
      }
      this.#isWriting = false;
      if (error !== null) this.#lost += 1;
      else this.#tellLost();
      this.#next();
    });
  }

  #tellLost(): void {
    if (this.#lost === 0) return;
    this.#held += `${JSON.stringify({ level: 40, time: Date.now(), lost: this.#lost, msg: 'log.lost' })}\n`;
    this.#lost = 0;
  }
}
