import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

const KEPT = 4000;
const SHOWN_LINES = 12;

export interface RunLimits {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string;
}

/**
 * Runs a program to its end and answers its standard output.
 * @throws WatchpostError WP5064 with the last lines it said, when it fails or is not done within `limitMs`
 */
export async function run(
  [command = '', ...args]: readonly string[],
  { clock, limitMs, env = {}, cwd }: RunLimits,
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    said = (said + chunk.toString()).slice(-KEPT);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-KEPT);
  });
  let isLate = false;
  const cancel = clock.after(limitMs, () => {
    isLate = true;
    child.kill('SIGKILL');
  });
  try {
    await once(child, 'close');
  } finally {
    cancel();
  }
  if (child.exitCode === 0) return out;
  const why = isLate ? `not done within ${Math.round(limitMs / 1000)} s` : `exit code ${child.exitCode}`;
  const last = said.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new WatchpostError('WP5064', { detail: `${[command, ...args].join(' ')}: ${why}\n${last}` });
}
