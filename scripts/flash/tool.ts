import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WatchpostError } from '#contract/errors.ts';

export interface ToolRun {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** The Debian package that it comes in. */
  readonly from: string;
  /** Killed after so long: a card that hangs must not hang the technician. */
  readonly timeoutMs: number;
  readonly input?: AsyncIterable<Uint8Array>;
  /** What it prints; kept and answered where nobody listens. */
  readonly onOutput?: (output: Readable) => Promise<void>;
}

export interface ToolResult {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly output: string;
  /** What it complained of. */
  readonly complaint: string;
}

const MAX_TEXT = 64 * 1024;

/** Runs a system's program in the language that we can read. Rejects with WP4314 where it is missing. */
export async function runTool({ command, from, timeoutMs, input, onOutput }: ToolRun): Promise<ToolResult> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, LC_ALL: 'C', MTOOLS_SKIP_CHECK: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const started = once(child, 'spawn').catch((cause: unknown) => {
    throw new WatchpostError('WP4314', { detail: `${program}, of the package ${from}`, cause });
  });
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  await started;
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const [output, complaint] = await Promise.all([
      onOutput === undefined ? textOf(child.stdout) : onOutput(child.stdout).then(() => ''),
      textOf(child.stderr),
      feed(child.stdin, input),
      ended,
    ]);
    return { code: child.exitCode, timedOut, output, complaint: complaint.trim() };
  } finally {
    clearTimeout(limit);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const piece of stream) text = `${text}${String(piece)}`.slice(-MAX_TEXT);
  return text;
}

/** A program that ends before it has read everything says by its code why. */
async function feed(
  stdin: NodeJS.WritableStream,
  input: AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  try {
    await pipeline(input ?? [], stdin);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error;
    if (!isGone || (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
