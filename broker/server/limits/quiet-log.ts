import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

/** Lines of one kind that are written in one window; the rest are counted, and said with it. */
const LINES_MAX = 10;
const WINDOW_MS = 10_000;
/** Kinds told apart; they come from the sources and the catalogue of errors, so that this is never reached. */
const KINDS_MAX = 500;

interface Window {
  lines: number;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * A log that nobody can fill from outside: of lines with the same event and code only the first ten in ten seconds
 * are written, then one that says how many were not.
 */
export class QuietLog implements Log {
  readonly #inner: Log;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  #cancel: Cancel | null = null;

  constructor(inner: Log, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  debug(fields: object, event: string): void {
    this.#write('debug', fields, event);
  }

  info(fields: object, event: string): void {
    this.#write('info', fields, event);
  }

  warn(fields: object, event: string): void {
    this.#write('warn', fields, event);
  }

  error(fields: object, event: string): void {
    this.#write('error', fields, event);
  }

  child(fields: object): Log {
    return new QuietLog(this.#inner.child(fields), this.#clock);
  }

  /** Says what was kept back so far. Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#turn();
  }

  #write(level: Level, fields: object, event: string): void {
    const key = keyOf(fields, event);
    const window = this.#windows.get(key) ?? { lines: 0 };
    if (this.#windows.size < KINDS_MAX) this.#windows.set(key, window);
    window.lines += 1;
    this.#cancel ??= this.#clock.after(WINDOW_MS, () => {
      this.#cancel = null;
      this.#turn();
    });
    if (window.lines <= LINES_MAX) this.#inner[level](fields, event);
  }

  #turn(): void {
    for (const [key, { lines }] of this.#windows) {
      if (lines > LINES_MAX) this.#inner.warn({ kind: key, lines: lines - LINES_MAX }, 'log.held-back');
    }
    this.#windows.clear();
  }
}

function keyOf(fields: object, event: string): string {
  return 'code' in fields && typeof fields.code === 'string' ? `${event} ${fields.code}` : event;
}
