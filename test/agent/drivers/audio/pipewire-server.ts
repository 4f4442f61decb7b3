import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#contract/clock.ts';
import { until } from '#test/support/site.ts';
import { Recording } from './pulse-server.ts';

const PROGRAMS = ['pipewire', 'wireplumber', 'pw-play', 'pw-record', 'pw-cli', 'dbus-daemon'];

/** Why there can be no such server here, or false. */
export const withoutPipewire: string | false = PROGRAMS.every(
  (program) => spawnSync(program, ['--version']).status === 0,
)
  ? false
  : 'pipewire and wireplumber are not installed; scripts/test --extended installs them';

const HEADER_BYTES = 44;

/** One sink that nobody hears but who listens to its monitor. */
const NULL_SINK = `context.objects = [
  { factory = adapter
    args = { factory.name = support.null-audio-sink  node.name = test  media.class = Audio/Sink
             object.linger = true  audio.position = [ MONO ] } }
]
`;

/** PipeWire, its session manager and a message bus of the test's own, whose one sink is named `test`. */
export class PipewireServer {
  readonly #dir: string;
  #running: ChildProcess[] = [];

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async start(): Promise<PipewireServer> {
    // A short path: a socket's may have 107 bytes at most.
    const dir = await mkdtemp(join(tmpdir(), 'wp-pw-'));
    mkdirSync(join(dir, 'pipewire/pipewire.conf.d'), { recursive: true });
    writeFileSync(join(dir, 'pipewire/pipewire.conf.d/sink.conf'), NULL_SINK);
    const server = new PipewireServer(dir);
    await server.run();
    return server;
  }

  get env(): NodeJS.ProcessEnv {
    const dir = this.#dir;
    const home = { HOME: dir, XDG_RUNTIME_DIR: dir, XDG_CONFIG_HOME: dir, XDG_STATE_HOME: dir };
    const bus = `unix:path=${dir}/bus`;
    return { ...process.env, ...home, DBUS_SESSION_BUS_ADDRESS: bus, PULSE_SERVER: 'unix:/nowhere' };
  }

  async run(): Promise<void> {
    const bus = ['--session', '--nofork', '--nopidfile', `--address=unix:path=${this.#dir}/bus`];
    this.#spawn('dbus-daemon', bus);
    this.#spawn('pipewire', []);
    await until('PipeWire has its sink', async () => this.#ask('Node').includes('"test"'));
    this.#spawn('wireplumber', []);
    await until('the session manager is there', async () =>
      this.#ask('Client').includes('WirePlumber [export]'),
    );
  }

  /** Ends all of it at once, as a crash would. */
  async stop(): Promise<void> {
    const running = this.#running.splice(0).reverse();
    const ended = running.map((child) => (child.exitCode === null ? once(child, 'exit') : null));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ended);
    for (const left of [
      'bus',
      'pipewire-0',
      'pipewire-0.lock',
      'pipewire-0-manager',
      'pipewire-0-manager.lock',
    ])
      await rm(join(this.#dir, left), { force: true });
  }

  /** Listens to what comes out of the sink, from now on: 16-bit mono at the clips' own rate, behind a header. */
  async listen(): Promise<Recording> {
    const form = ['--rate=22050', '--channels=1', '--format=s16'];
    const monitor = ['--target=test', '-P', '{ stream.capture.sink = true }'];
    // It writes a file only, and looks back into it: into a pipe it writes nothing. What it writes is followed.
    const file = join(this.#dir, `heard-${systemClock.monoMs()}.wav`);
    const recorder = this.#spawn('pw-record', [...monitor, ...form, file]);
    await until('it writes sound', async () => existsSync(file) && statSync(file).size > HEADER_BYTES);
    const follower = spawn(
      'tail',
      ['-c', `+${HEADER_BYTES + 1}`, '-F', `--pid=${recorder.pid}`, '-s', '0.05', file],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const recording = new Recording(follower);
    await recording.until((sound) => sound.length > 0);
    return recording;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { env: this.env, stdio: 'ignore' });
    this.#running.push(child);
    return child;
  }

  #ask(type: 'Node' | 'Client'): string {
    return spawnSync('pw-cli', ['list-objects', type], { env: this.env, encoding: 'utf8', timeout: 10_000 })
      .stdout;
  }
}
