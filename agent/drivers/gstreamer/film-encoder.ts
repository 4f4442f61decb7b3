import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { FilmEncoder, RawFilm } from '#agent/ports/vision-evidence.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

const PROGRAM = 'gst-launch-1.0';
/** Half a minute of blocks takes a second or two; on a busy machine much longer. */
const TIMEOUT_MS = 120_000;
const MAX_SAID = 2000;
/** Of blocks little is left at this rate, and the thing itself stays clear. */
const BITS_PER_SECOND = 200_000;

export interface GstreamerFilmEncoderOptions {
  readonly clock: Clock;
  readonly program?: string;
}

/** Films as VP8 in WebM, made by a `gst-launch-1.0` child from frames on its standard input. */
export class GstreamerFilmEncoder implements FilmEncoder {
  readonly mediaType = 'video/webm';
  readonly ending = '.webm';
  readonly #clock: Clock;
  readonly #program: string;

  constructor({ clock, program = PROGRAM }: GstreamerFilmEncoderOptions) {
    this.#clock = clock;
    this.#program = program;
  }

  async encode(film: RawFilm, path: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new WatchpostError('WP2431', { detail: 'it was ended' });
    const child = spawn(this.#program, argumentsOf(film, path), {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    const stop = () => child.kill('SIGKILL');
    const cancel = this.#clock.after(TIMEOUT_MS, stop);
    signal.addEventListener('abort', stop, { once: true });
    const ended = endOf(child);
    try {
      await feed(child.stdin, film);
      const failure = await ended;
      if (failure !== null) throw failure;
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
      stop();
      await ended;
    }
  }
}

function argumentsOf({ width, height, framesPerSecond }: RawFilm, path: string): string[] {
  const parser = `rawvideoparse format=gray8 width=${width} height=${height} framerate=${framesPerSecond}/1`;
  const planes = `plane-strides=<${width}> plane-offsets=<0> frame-size=${width * height}`;
  const encoder = `vp8enc target-bitrate=${BITS_PER_SECOND} deadline=1 cpu-used=8 threads=1 keyframe-max-dist=25`;
  const elements = ['fdsrc fd=0', `${parser} ${planes}`, 'videoconvert', encoder, 'webmmux'];
  return [
    '-q',
    ...elements.flatMap((element) => [...element.split(' '), '!']),
    'filesink',
    `location=${path}`,
  ];
}

/** Writes frames no faster than they are read; ends early when nobody reads, which the child's end explains. */
async function feed(input: Writable, film: RawFilm): Promise<void> {
  let isOpen = true;
  const closed = new Promise<void>((resolve) => {
    const close = () => {
      isOpen = false;
      resolve();
    };
    input.once('error', close);
    input.once('close', close);
  });
  for (const frame of film.frames()) {
    if (!isOpen) return;
    if (!input.write(frame))
      await Promise.race([closed, new Promise((resolve) => input.once('drain', resolve))]);
  }
  input.end();
}

/** Null when it ended well, else what went wrong. */
async function endOf(child: ChildProcess): Promise<WatchpostError | null> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (said.length < MAX_SAID) said += chunk.toString('utf8');
  });
  try {
    const [status] = await once(child, 'close');
    if (status === 0) return null;
  } catch (cause) {
    return new WatchpostError('WP2430', { cause });
  }
  const detail = said.split('\n').find((line) => /error|no element/i.test(line)) ?? said.trim();
  const code = /no element/i.test(detail) ? 'WP2430' : 'WP2431';
  return new WatchpostError(code, { detail: detail.slice(0, 300) });
}
