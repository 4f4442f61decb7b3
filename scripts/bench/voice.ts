import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VoiceArbiter } from '#agent/behaviours/voice/arbiter.ts';
import { loadClips } from '#agent/behaviours/voice/clips.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { renderVoice } from '../voice/render.ts';

const ROUNDS = 15;
const LOUD = 300;
const LIMIT_MS = 20_000;
const CAPTURE = ['--raw', '--format=s16le', '--rate=22050', '--channels=1', '--latency-msec=5'];

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export interface VoiceBench {
  readonly rounds: number;
  /** From `say` to the first loud sample at the monitor of a null sink. */
  readonly firstSoundMs: { readonly p50: number; readonly p90: number };
  /** The same for `paplay` started by hand on the same clip: what no arbiter can beat. */
  readonly floorMs: { readonly p50: number; readonly p90: number };
  readonly ratio: number;
}

/** Measures how soon a prompt is heard, on a sound server of its own. Rejects with WP2504 where there can be none. */
export async function benchVoice(): Promise<VoiceBench> {
  const programs = ['pulseaudio', 'pactl', 'paplay', 'parec'];
  const lacking = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
  if (lacking.length > 0) {
    throw new WatchpostError('WP2504', {
      detail: `there is no ${lacking.join(', ')}`,
      hint: 'Install them: apt-get install pulseaudio pulseaudio-utils',
    });
  }
  const dir = await mkdtemp(join(tmpdir(), 'wp-bench-'));
  const stop: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    return await measure(dir, stop);
  } finally {
    for (const end of stop.reverse()) await end();
  }
}

async function measure(dir: string, stop: (() => Promise<void>)[]): Promise<VoiceBench> {
  const env = { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir, PULSE_SERVER: `unix:${dir}/socket` };
  stop.push(await startServer(dir, env));
  const clipDir = join(dir, 'voice');
  await renderVoice({ dir: clipDir, languages: ['en'] });
  const ear = await Ear.open(env);
  stop.push(() => ear.close());
  const voice = new VoiceArbiter({
    clock: systemClock,
    log: silent,
    speaker: createSpeaker(
      { driver: 'pulse' },
      { clock: systemClock, dataDir: dir, env, onChoice: () => undefined },
    ),
    loadClips: () => loadClips(clipDir),
    languages: ['en'],
    onHealth: () => undefined,
  });
  await voice.start();
  stop.push(() => voice.close());
  const file = join(clipDir, 'en/alarm.pressed.wav');
  const said: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    said.push(await ear.timeTo(() => voice.say({ key: 'alarm.pressed', priority: 'alarm' })));
    voice.hush('alarm');
    await ear.silence();
    let player: ChildProcess | undefined;
    floor.push(
      await ear.timeTo(() => {
        player = spawn('paplay', ['--latency-msec=20', file], { env, stdio: 'ignore' });
      }),
    );
    player?.kill('SIGKILL');
    await ear.silence();
  }
  const [firstSoundMs, floorMs] = [quantiles(said), quantiles(floor)];
  return {
    rounds: ROUNDS,
    firstSoundMs,
    floorMs,
    ratio: Number((firstSoundMs.p50 / floorMs.p50).toFixed(2)),
  };
}

async function startServer(dir: string, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
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
class Ear {
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

function quantiles(values: readonly number[]): { p50: number; p90: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p90: at(0.9) };
}
