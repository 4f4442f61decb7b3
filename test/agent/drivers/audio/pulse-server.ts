import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_LIMIT_MS = 15_000;
const HEAR_LIMIT_MS = 30_000;
/** What `parec` delivers: 16-bit mono at the clips' own rate. */
const CAPTURE = ['--raw', '--format=s16le', '--rate=22050', '--channels=1', '--latency-msec=20'];

/** Why there can be no sound server here, or false. */
export const withoutPulse: string | false = ['pulseaudio', 'pactl', 'paplay', 'parec'].every(
  (program) => spawnSync(program, ['--version']).status === 0,
)
  ? false
  : 'pulseaudio and pulseaudio-utils are not installed';

/** A sound server of the test's own, whose one sink is a null sink named `test`. */
export class PulseServer {
  readonly #dir: string;
  #server: ChildProcess | null = null;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async start(): Promise<PulseServer> {
    // A short path: a socket's may have 107 bytes at most.
    const server = new PulseServer(await mkdtemp(join(tmpdir(), 'wp-pa-')));
    await server.run();
    return server;
  }

  get env(): NodeJS.ProcessEnv {
    const dir = this.#dir;
    return { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir, PULSE_SERVER: `unix:${dir}/socket` };
  }

  async run(): Promise<void> {
    const signal = AbortSignal.timeout(START_LIMIT_MS);
    const changes = watch(this.#dir, { signal });
    const modules = [
      'module-null-sink sink_name=test',
      `module-native-protocol-unix auth-anonymous=1 socket=${this.#dir}/socket`,
    ];
    const options = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1'];
    this.#server = spawn('pulseaudio', [...options, ...modules.map((module) => `--load=${module}`)], {
      env: this.env,
      stdio: 'ignore',
    });
    if (existsSync(join(this.#dir, 'socket'))) return;
    for await (const { filename } of changes) if (filename === 'socket') return;
  }

  /** Ends the server; its sink and clients are gone with it. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    await rm(join(this.#dir, 'socket'), { force: true });
  }

  /** Listens to what comes out of the sink, from now on. */
  async listen(): Promise<Recording> {
    const child = spawn('parec', [...CAPTURE, '--device=test.monitor'], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const recording = new Recording(child);
    await recording.until((sound) => sound.length > 0);
    return recording;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Sound as it arrives. */
export class Recording {
  readonly #child: ChildProcess;
  readonly #chunks: Buffer[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      for (const look of this.#waiting) look();
    });
  }

  get sound(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves at the first chunk with which the condition holds for all that was heard so far. */
  until(holds: (sound: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('what was waited for was not heard')), HEAR_LIMIT_MS);
      const look = () => {
        const sound = this.sound;
        if (!holds(sound)) return;
        clearTimeout(limit);
        this.#waiting.delete(look);
        resolve(sound);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    // It ends by itself when the server does.
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
