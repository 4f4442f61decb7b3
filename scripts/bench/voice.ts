import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VoiceArbiter } from '#agent/behaviours/voice/arbiter.ts';
import { loadClips } from '#agent/behaviours/voice/clips.ts';
import { loadDrivers } from '#agent/driver-loading.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { renderVoice } from '../voice/render.ts';
import { benchProfile } from './alarm-device.ts';
import { Ear, startServer } from './ear.ts';
import { VoiceDevice } from './voice-device.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export interface VoiceBench {
  readonly rounds: number;
  /** From the edge of the button, at a whole agent, to the first loud sample at the monitor of a null sink. */
  readonly pressMs: { readonly p50: number; readonly p90: number };
  /** The same from `say` on, at the voice alone. */
  readonly firstSoundMs: { readonly p50: number; readonly p90: number };
  /** The same for `paplay` started by hand on the same clip: what no arbiter can beat. */
  readonly floorMs: { readonly p50: number; readonly p90: number };
  readonly ratio: number;
}

/** Measures how soon a prompt is heard, on a sound server of its own. Rejects with WP2504 where there can be none. */
export async function benchVoice({ rounds }: { readonly rounds: number }): Promise<VoiceBench> {
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
    return await measure(dir, stop, rounds);
  } finally {
    for (const end of stop.reverse()) await end();
  }
}

async function measure(dir: string, stop: (() => Promise<void>)[], rounds: number): Promise<VoiceBench> {
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
  const pressed: number[] = [];
  const said: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    pressed.push(await timeOfPress(join(dir, `device-${round}`), env, ear));
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
  const [pressMs, firstSoundMs, floorMs] = [quantiles(pressed), quantiles(said), quantiles(floor)];
  return {
    rounds,
    pressMs,
    firstSoundMs,
    floorMs,
    ratio: Number((firstSoundMs.p50 / floorMs.p50).toFixed(2)),
  };
}

/** A device of its own for each press: the second press of a call for help is answered by other words. */
async function timeOfPress(dataDir: string, env: NodeJS.ProcessEnv, ear: Ear): Promise<number> {
  await renderVoice({ dir: join(dataDir, 'voice'), languages: ['en'] });
  const device = new VoiceDevice(dataDir, env, await loadDrivers(benchProfile()));
  try {
    await device.start();
    await ear.silence();
    return await ear.timeTo(() => device.press());
  } finally {
    await device.close();
    await ear.silence();
  }
}

function quantiles(values: readonly number[]): { p50: number; p90: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p90: at(0.9) };
}
