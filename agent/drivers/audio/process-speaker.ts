import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { WatchpostError } from '#contract/errors.ts';
import type { Speaker } from '../../ports/speaker.ts';
import type { Player } from './players.ts';

const SETPRIV = '/usr/bin/setpriv';
/** A sound server that has not answered by then is not there. */
const PROBE_LIMIT_MS = 2000;
const STDERR_BYTES = 400;

export interface ProcessSpeakerParts {
  readonly player: Player;
  readonly device?: string | undefined;
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Plays each clip with a program of the sound system, killed at once when it is to stop. */
export class ProcessSpeaker implements Speaker {
  readonly #player: Player;
  readonly #device: string | undefined;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ player, device, env = process.env }: ProcessSpeakerParts) {
    this.#player = player;
    this.#device = device;
    this.#env = env;
  }

  /** Rejects with WP2504 when the sound server or card does not answer. */
  async start(): Promise<void> {
    const [command, ...args] = this.#player.probe;
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
    const result = await run(command, args, { env: this.#env, signal });
    if (result.status !== 0 || signal.aborted)
      throw new WatchpostError('WP2504', { detail: `${command} ${args.join(' ')}: ${result.said}` });
  }

  /** Rejects with WP2505 with what the player said. */
  async play(file: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const [command, ...args] = this.#player.command(file, this.#device);
    const result = await run(command, args, { env: this.#env, signal });
    if (result.status !== 0 && !signal.aborted)
      throw new WatchpostError('WP2505', { detail: `${command} ${args.join(' ')}: ${result.said}` });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Result {
  /** Null when it was killed or could not be started. */
  readonly status: number | null;
  /** The beginning of its standard error, or why it could not be started. */
  readonly said: string;
}

/** Runs a program to its end. A prompt must not outlive the agent that knows whether it is true: it dies with it. */
function run(
  command: string,
  args: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Result> {
  const [program, all] = existsSync(SETPRIV)
    ? [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]]
    : [command, args];
  return new Promise((resolve) => {
    const child = spawn(program, all, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const onAbort = () => {
      child.kill('SIGKILL');
      // Whatever the player itself had started may hold its standard error open: that is not waited for.
      child.stderr.destroy();
    };
    const settle = (result: Result) => {
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, STDERR_BYTES);
    });
    child.once('error', (error) => settle({ status: null, said: error.message }));
    child.once('close', (status) => settle({ status, said: said.trim() }));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
