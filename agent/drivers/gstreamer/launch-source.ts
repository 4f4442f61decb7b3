import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { cutFailure, isSecret, type Launch, launchOf, redacted } from './launch.ts';
import { type Picture, PnmReader } from './pnm.ts';

const PROGRAM = 'gst-launch-1.0';
/** Kept of standard error for the message. */
const MAX_STDERR = 2000;

export function hasGstLaunch(): boolean {
  return spawnSync(PROGRAM, ['--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/**
 * Frames through a `gst-launch-1.0` child that writes PGM pictures to a pipe: where the addon cannot load. It takes
 * its pipeline as arguments and in no other way, and every user of a machine may read those: an address with a password
 * is refused with WP2474.
 */
export class LaunchFrameSource implements FrameSource {
  readonly backend = 'gst-launch';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const launch = launchOf(request);
    const { source } = request;
    if (isSecret(source)) throw new WatchpostError('WP2474', { detail: redacted(source) });
    if (signal.aborted) return;
    const child = spawn(PROGRAM, argumentsOf(launch, request.pace), {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    const stop = () => child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    const ended = endOf(child);
    try {
      const lastT = yield* this.#read(child, launch, request);
      const failure = await ended;
      if (signal.aborted) return;
      const cut =
        failure ?? cutFailure(launch, lastT, request.pace === 'fastest' ? durationOf(launch) : null);
      if (cut !== null) throw new WatchpostError('WP2402', { detail: cut });
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await ended;
    }
  }

  async *#read(
    child: ChildProcess,
    launch: Launch,
    request: FrameRequest,
  ): AsyncGenerator<Frame, number | null> {
    let firstMs: number | null = null;
    let index = 0;
    let lastT: number | null = null;
    for await (const picture of picturesOf(child)) {
      firstMs ??= this.#clock.monoMs();
      const t = launch.isLive ? (this.#clock.monoMs() - firstMs) / 1000 : index / request.framesPerSecond;
      index++;
      lastT = t;
      yield { ...picture, t };
    }
    return lastT;
  }
}

/** What the file says of its own length in seconds; null where the tool that reads it is not there. */
function durationOf({ uri, isLive }: Launch): number | null {
  if (uri === null || isLive) return null;
  const { stdout } = spawnSync('gst-discoverer-1.0', [uri], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(stdout ?? '') ?? [];
  return hours === undefined ? null : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

async function* picturesOf(child: ChildProcess): AsyncGenerator<Picture> {
  const pipe = child.stdio[3];
  if (pipe === null || pipe === undefined || !isReadable(pipe)) return;
  const reader = new PnmReader();
  for await (const chunk of pipe) {
    if (Buffer.isBuffer(chunk)) yield* reader.add(chunk);
  }
}

function isReadable(stream: object): stream is Readable {
  return 'read' in stream;
}

function argumentsOf(launch: Launch, pace: FrameRequest['pace']): string[] {
  const sync = pace === 'real-time' && !launch.isLive;
  const head = launch.uri === null ? launch.head.split(' ') : [launch.head, `uri=${launch.uri}`];
  const sink = ['!', 'pnmenc', '!', 'fdsink', 'fd=3', `sync=${sync}`];
  return ['-q', ...head, '!', ...launch.tail.split(' '), ...sink];
}

/** Null when it ended by itself and well, else what it said. */
async function endOf(child: ChildProcess): Promise<string | null> {
  let said = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    said = (said + text).slice(-MAX_STDERR);
  });
  try {
    const [status] = await once(child, 'close');
    return status === 0 ? null : firstError(said);
  } catch (error) {
    return String(error);
  }
}

function firstError(said: string): string {
  const line = said.split('\n').find((text) => /error/i.test(text)) ?? said.trim();
  return redacted(line.replace(/^.*ERROR: (from element )?/, '')).slice(0, 300) || 'gst-launch-1.0 failed';
}
