import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Listening, Microphone } from '../../ports/microphone.ts';

const SETPRIV = '/usr/bin/setpriv';
const FIRST_SAMPLE_LIMIT_MS = 5000;
/** A microphone that falls silent for so long has gone: it delivers samples of silence, too. */
const STALL_LIMIT_MS = 5000;
const STDERR_BYTES = 400;

export interface ProcessMicrophoneParts {
  readonly clock: Clock;
  readonly system: 'pulse' | 'alsa';
  readonly device?: string | undefined;
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Listens with `parec` or `arecord`, which write to a pipe: no sample reaches a file. */
export class ProcessMicrophone implements Microphone {
  readonly #parts: ProcessMicrophoneParts;

  constructor(parts: ProcessMicrophoneParts) {
    this.#parts = parts;
  }

  async listen(options: Parameters<Microphone['listen']>[0]): Promise<Listening> {
    const { clock, env = process.env } = this.#parts;
    const command = this.#command(options.sampleRate);
    const [program = '', ...args] = existsSync(SETPRIV)
      ? [SETPRIV, '--pdeathsig', 'KILL', '--', ...command]
      : command;
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const listening = new PipeListening({ clock, child, command, ...options });
    try {
      await listening.until(1, FIRST_SAMPLE_LIMIT_MS);
    } catch (cause) {
      await listening.end();
      throw cause;
    }
    return listening;
  }

  #command(sampleRate: number): readonly string[] {
    const { system, device } = this.#parts;
    if (system === 'alsa') {
      const where = device === undefined ? [] : ['-D', device];
      return [
        'arecord',
        '-q',
        ...where,
        '-t',
        'raw',
        '-f',
        'S16_LE',
        '-c',
        '1',
        '-r',
        String(sampleRate),
        '-',
      ];
    }
    const where = device === undefined ? [] : [`--device=${device}`];
    const format = ['--raw', '--format=s16le', '--channels=1', `--rate=${sampleRate}`];
    return ['parec', '--latency-msec=20', ...format, ...where];
  }
}

interface PipeParts {
  readonly clock: Clock;
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly command: readonly string[];
  readonly maxSamples: number;
  readonly signal: AbortSignal;
}

class PipeListening implements Listening {
  readonly #parts: PipeParts;
  readonly #pieces: Buffer[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #closed: Promise<unknown>;
  #bytes = 0;
  #said = '';
  #hasEnded = false;

  constructor(parts: PipeParts) {
    this.#parts = parts;
    const { child, signal } = parts;
    const stop = () => {
      child.kill('SIGKILL');
    };
    const over = (said: string) => {
      this.#hasEnded = true;
      this.#said = (this.#said + said).slice(0, STDERR_BYTES);
      signal.removeEventListener('abort', stop);
      this.#look();
    };
    child.stdout.on('data', (piece: Buffer) => this.#take(piece));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(0, STDERR_BYTES);
    });
    child.once('error', (error) => over(error.message));
    child.once('close', () => over(''));
    this.#closed = child.pid === undefined ? Promise.resolve() : once(child, 'close');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  }

  get samples(): number {
    return Math.floor(this.#bytes / 2);
  }

  until(samples: number, stallMs = STALL_LIMIT_MS): Promise<void> {
    const { clock, command } = this.#parts;
    return new Promise((resolve, reject) => {
      let heard = this.samples;
      const fail = (why: string) => {
        settle();
        const detail = `${command.join(' ')}: ${this.#said.trim() || why}`;
        reject(new WatchpostError('WP2517', { detail }));
      };
      const stalled = clock.every(stallMs, () => {
        if (this.samples === heard) fail(`nothing for ${stallMs} ms`);
        heard = this.samples;
      });
      const settle = () => {
        stalled();
        this.#waiting.delete(look);
      };
      const look = () => {
        if (this.samples >= samples) {
          settle();
          resolve();
        } else if (this.#hasEnded) fail('it has ended');
      };
      this.#waiting.add(look);
      look();
    });
  }

  async end(): Promise<Int16Array> {
    this.#parts.child.kill('SIGKILL');
    await this.#closed;
    const all = Buffer.concat(this.#pieces);
    const heard = Int16Array.from({ length: Math.floor(all.length / 2) }, (_none, n) =>
      all.readInt16LE(n * 2),
    );
    this.#pieces.length = 0;
    return heard;
  }

  #take(piece: Buffer): void {
    const room = this.#parts.maxSamples * 2 - this.#bytes;
    if (room <= 0) return;
    this.#pieces.push(piece.subarray(0, room));
    this.#bytes += Math.min(room, piece.length);
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
