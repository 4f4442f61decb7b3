import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

export const PROMPT = '$ ';
export const SIZE = { columns: 150, rows: 40 } as const;
/** Far more than any command of a session takes on a busy machine. */
const LIMIT_MS = 150_000;

/** Something that was printed, and when. */
export interface Printed {
  /** Since the beginning of the session. */
  readonly atS: number;
  readonly text: string;
}

/** Somebody at a terminal: a shell under script(1) of util-linux, typed into, and all that it prints with its time. */
export class Shell {
  readonly printed: Printed[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #startMs = performance.now();
  #all = '';
  #seen = 0;
  #onPrinted: () => void = () => undefined;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.once('close', () => this.#onPrinted());
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.printed.push({ atS: (performance.now() - this.#startMs) / 1000, text });
      this.#all += text;
      this.#onPrinted();
    });
  }

  /**
   * @param settings - a file that is written for it
   * @param around - words before it, such as those of a namespace
   */
  static async start(cwd: string, settings: string, around: readonly string[] = []): Promise<Shell> {
    const { columns, rows } = SIZE;
    writeFileSync(
      settings,
      `PS1='${PROMPT}'\nbind 'set enable-bracketed-paste off'\nstty cols ${columns} rows ${rows}\n`,
    );
    const [command = '', ...args] = [
      ...[...around, 'script', '--quiet', '--flush', '--return', '--command'],
      ...[`bash --noprofile --rcfile '${settings}' -i`, '/dev/null'],
    ];
    const env = { ...process.env, TERM: 'xterm', HISTFILE: '', LC_ALL: 'C.UTF-8' };
    const shell = new Shell(spawn(command, args, { cwd, env }));
    await shell.waitFor(PROMPT);
    return shell;
  }

  /** A line, with the key at its end. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\r`);
  }

  /** One key, where a question waits for it. */
  press(key: string): void {
    this.#child.stdin.write(key);
  }

  /** Waits for a text after what was waited for before; answers which of them came. Rejects with WP2106. */
  async waitFor(...texts: readonly string[]): Promise<string> {
    const stop = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const found = texts
        .map((text) => ({ text, at: this.#all.indexOf(text, this.#seen) }))
        .filter(({ at }) => at >= 0)
        .sort((one, other) => one.at - other.at)[0];
      if (found !== undefined) {
        this.#seen = found.at + found.text.length;
        return found.text;
      }
      if (stop.aborted || this.#child.exitCode !== null) throw this.#waitedInVain(texts);
      await this.#more(stop);
    }
  }

  /** Ends the shell and what it has started. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = once(this.#child, 'close');
    this.type('kill $(jobs -p); wait; exit');
    const stop = systemClock.after(LIMIT_MS, () => this.#child.kill('SIGKILL'));
    await closed;
    stop();
  }

  #more(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#onPrinted = resolve;
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #waitedInVain(texts: readonly string[]): WatchpostError {
    return new WatchpostError('WP2106', {
      detail: `${texts.join(' or ')} did not come: ${this.#all.slice(-2000)}`,
    });
  }
}
