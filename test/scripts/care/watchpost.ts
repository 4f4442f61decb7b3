import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../scripts/cli.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
  /** The last line of standard output as JSON. */
  readonly json: Record<string, unknown>;
}

/** Runs `watchpost …` to its end, in a process of its own. */
export async function watchpost(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  await once(child, 'close');
  const last = out.trim().split('\n').at(-1) ?? '';
  return { code: child.exitCode, out, error, json: last.startsWith('{') ? JSON.parse(last) : {} };
}
