import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EndCause, Start, StartNotes } from '#agent/ports/starts.ts';
import type { Log } from '#contract/log.ts';
import { causeOf, ended, type Found, type FoundEnd, judgeStart, lasted, StartRecord } from './judge-start.ts';

export interface StartBookParts {
  readonly dataDir: string;
  readonly log: Log;
  /** Where the kernel says why the machine has started (sysfs-class-watchdog). */
  readonly watchdogDir?: string;
}

/** Linux's WDIOF_CARDRESET (linux/watchdog.h): the watchdog has reset the machine. */
const CARD_RESET = 0x20;
const WATCHDOG = '/sys/class/watchdog/watchdog0';

/**
 * Counts the starts of a device in `starts.json`, so that one that ends again and again is noticed by itself. Written
 * at a start, when a run has lasted and at its end: three small writes a run. A record that cannot be read begins anew.
 */
export class StartBook implements StartNotes {
  readonly #parts: StartBookParts;
  #record: StartRecord | null = null;
  /** What could not be written, for who comes later. */
  hasTrouble = false;

  constructor(parts: StartBookParts) {
    this.#parts = parts;
  }

  /** How the run before ended; before `begin`, which begins another. */
  causeIn(bootId: string): EndCause {
    return causeOf(this.#read(), this.#endIn(bootId));
  }

  /** To be called once, before anything that may bring the agent down. */
  begin(found: Omit<Found, keyof FoundEnd> & Pick<Found, 'bootId'>): Start {
    const { start, record } = judgeStart(this.#read(), { ...found, ...this.#endIn(found.bootId) });
    this.#keep(record);
    return start;
  }

  #endIn(bootId: string): FoundEnd {
    const { dataDir, watchdogDir = WATCHDOG } = this.#parts;
    return {
      bootId,
      lastEnd: readLastEnd(join(dataDir, 'last-end')),
      wasReset: wasReset(join(watchdogDir, 'bootstatus')),
    };
  }

  healthy(): void {
    if (this.#record !== null) this.#keep(lasted(this.#record));
  }

  ended(next: 'normal' | 'probation'): void {
    if (this.#record !== null && !this.#record.run.hasEnded) this.#keep(ended(this.#record, next));
  }

  get #file(): string {
    return join(this.#parts.dataDir, 'starts.json');
  }

  #read(): StartRecord | null {
    try {
      return StartRecord.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (cause) {
      if (!isMissing(cause)) this.#parts.log.warn({ code: 'WP2614', err: cause }, 'starts.not-read');
      return null;
    }
  }

  /** Whole and synced, or as it was. */
  #keep(record: StartRecord): void {
    this.#record = record;
    try {
      const fd = openSync(`${this.#file}.new`, 'w', 0o600);
      try {
        writeSync(fd, `${JSON.stringify(record)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(`${this.#file}.new`, this.#file);
    } catch (cause) {
      this.hasTrouble = true;
      this.#parts.log.error({ code: 'WP2614', err: cause }, 'starts.not-kept');
    }
  }
}

/** What deploy/systemd/note-end.sh left: boot, result, code, status. */
function readLastEnd(file: string): Found['lastEnd'] {
  const [bootId = '', result = ''] = (readOrNull(file) ?? '').trim().split(' ');
  return result === '' ? null : { bootId, result };
}

function wasReset(file: string): boolean {
  return (Number(readOrNull(file) ?? 0) & CARD_RESET) !== 0;
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // Nobody has written it: no service manager, no watchdog.
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
