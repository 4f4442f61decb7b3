import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';

const SETPRIV = '/usr/bin/setpriv';
const STDERR_BYTES = 400;
const STDOUT_BYTES = 65_536;

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Kills it at once. */
  readonly signal: AbortSignal;
  /** Writes its standard input, and ends it. Without: it has none. */
  readonly feed?: (input: Writable) => void;
}

export interface Result {
  /** Null when it was killed or could not be started. */
  readonly status: number | null;
  /** The beginning of its standard output. */
  readonly shown: string;
  /** The beginning of its standard error, or why it could not be started. */
  readonly said: string;
}

/** Runs a program to its end. A prompt must not outlive the agent that knows whether it is true: it dies with it. */
export function runPlayer(
  [command, ...args]: readonly [string, ...string[]],
  { env, signal, feed }: RunOptions,
): Promise<Result> {
  const [program, all] = existsSync(SETPRIV)
    ? [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]]
    : [command, args];
  return new Promise((resolve) => {
    const child = spawn(program, all, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const onAbort = () => {
      child.kill('SIGKILL');
      // Whatever the player itself had started may hold its standard error open: that is not waited for.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    const settle = (result: Result) => {
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const [shown, said] = [new Beginning(STDOUT_BYTES), new Beginning(STDERR_BYTES)];
    child.stdout.setEncoding('utf8').on('data', (text: string) => shown.add(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.add(text));
    // A player that ends before its sound does says why by its exit, not by the broken pipe.
    child.stdin.on('error', () => child.stdin.destroy());
    child.once('error', (error) => settle({ status: null, shown: '', said: error.message }));
    child.once('close', (status) => settle({ status, shown: shown.text, said: said.text.trim() }));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (feed === undefined) child.stdin.end();
    else feed(child.stdin);
  });
}

/** The first so many characters of what comes in pieces. */
class Beginning {
  readonly #limit: number;
  text = '';

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(text: string): void {
    this.text = (this.text + text).slice(0, this.#limit);
  }
}
