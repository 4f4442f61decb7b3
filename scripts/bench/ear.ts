import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs/promises';
import { WatchpostError } from '#contract/errors.ts';

const LOUD = 300;
const LIMIT_MS = 20_000;
const CAPTURE = ['--raw', '--format=s16le', '--rate=22050', '--channels=1', '--latency-msec=5'];

/** A sound server of the bench's own in `dir`, whose one sink is a null sink named `bench`. Answers what ends it. */
export async function startServer(dir: string, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const changes = watch(dir, { signal: AbortSignal.timeout(LIMIT_MS) });
  const server = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1'],
      '--load=module-null-sink sink_name=bench',
      `--load=module-native-protocol-unix auth-anonymous=1 socket=${dir}/socket`,
    ],
    { env, stdio: 'ignore' },
  );
  for await (const { filename } of changes) if (filename === 'socket') break;
  return () => end(server);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Listens to the sink and tells the moment when sound or silence arrives. */
export class Ear {
  readonly #child: ChildProcess;
  #onChunk: (chunk: Buffer) => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async open(env: NodeJS.ProcessEnv): Promise<Ear> {
    const child = spawn('parec', [...CAPTURE, '--device=bench.monitor'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ear = new Ear(child);
    child.stdout.on('data', (chunk: Buffer) => ear.#onChunk(chunk));
    await ear.#until(() => true);
    return ear;
  }

  async timeTo(act: () => void): Promise<number> {
    const startedMs = performance.now();
    const heard = this.#until(isLoud);
    act();
    await heard;
    return performance.now() - startedMs;
  }

  /** Resolves after half a second without sound. */
  async silence(): Promise<void> {
    let quietBytes = 0;
    await this.#until((chunk) => {
      quietBytes = isLoud(chunk) ? 0 : quietBytes + chunk.length;
      return quietBytes > 22_050;
    });
  }

  close(): Promise<void> {
    return end(this.#child);
  }

  #until(holds: (chunk: Buffer) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new WatchpostError('WP2502', { detail: 'nothing heard' })),
        LIMIT_MS,
      );
      this.#onChunk = (chunk) => {
        if (!holds(chunk)) return;
        clearTimeout(limit);
        this.#onChunk = () => undefined;
        resolve();
      };
    });
  }
}

function isLoud(chunk: Buffer): boolean {
  for (let at = 0; at + 1 < chunk.length; at += 2) if (Math.abs(chunk.readInt16LE(at)) > LOUD) return true;
  return false;
}
