import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SoundTest } from '#agent/behaviours/sound-test/sound-test.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { ProcessMicrophone } from '#agent/drivers/audio/process-microphone.ts';
import { systemClock } from '#contract/clock.ts';
import { wavOf } from '#contract/wav.ts';
import { FakeMemory, FakeRecorder, ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { silentLog } from '#test/agent/behaviours/voice/voice-rig.ts';
import { PulseServer, withoutPulse } from './pulse-server.ts';
import { toneShare, toneWav } from './sounds.ts';

const RATE = 8000;
const never = () => new AbortController().signal;

/** A server whose sink plays into a second one by a loopback: what the second's monitor hears is late and quieter. */
async function room(t: Test) {
  const server = await PulseServer.start();
  t.teardown(() => server.close());
  const pactl = (...args: string[]) => {
    const { status, stderr } = spawnSync('pactl', args, { env: server.env, encoding: 'utf8' });
    t.equal(status, 0, `pactl ${args.join(' ')}: ${stderr}`);
  };
  pactl('load-module', 'module-null-sink', 'sink_name=room');
  pactl('load-module', 'module-loopback', 'source=test.monitor', 'sink=room', 'latency_msec=200');
  const speaker = createSpeaker(
    { driver: 'pulse', ...{ device: 'test' } },
    { clock: systemClock, dataDir: t.testdir(), env: server.env, onChoice: () => undefined },
  );
  await speaker.start();
  const microphone = new ProcessMicrophone({
    clock: systemClock,
    system: 'pulse',
    device: 'room.monitor',
    env: server.env,
  });
  const test = new SoundTest({
    settings: { at: '12:00', microphone: { system: 'pulse' }, minLevelDb: -50 },
    timeZone: 'UTC',
    microphone,
    voice: {
      lend: async (use) => {
        await use(speaker, never());
        return 'done';
      },
    },
    sound: { file: join(t.testdirName, 'sweep.wav'), bytes: wavOf },
    isCalling: () => false,
    onVerdict: () => undefined,
    recorder: new FakeRecorder(),
    memory: new FakeMemory(),
    clock: new ManualDeviceClock(),
    log: silentLog,
  });
  /** A machine under load may hold the sound up for longer than a test listens: then once more. */
  const hear = async () => {
    const first = await test.run();
    return first.cause === 'not-heard' ? test.run() : first;
  };
  return { speaker, microphone, pactl, test, hear };
}

t.test('what is played is heard at the microphone', { skip: withoutPulse }, async (t) => {
  const { speaker, microphone } = await room(t);
  const file = join(t.testdir(), 'tone.wav');
  writeFileSync(file, toneWav(1000, 1500));
  const listening = await microphone.listen({ sampleRate: RATE, maxSamples: RATE * 60, signal: never() });
  t.ok(listening.samples > 0);
  const from = listening.samples;
  await speaker.play(file, never());
  // It comes 200 ms late, and later where the machine is busy.
  await listening.until(from + 3 * RATE);
  const heard = await listening.end();
  const bytes = Buffer.from(heard.buffer).subarray(from * 2);
  const shares = [0, 1, 2, 3, 4, 5].map((half) =>
    toneShare(bytes.subarray(half * RATE, (half + 1) * RATE), 1000, RATE),
  );
  t.ok(Math.max(...shares) > 0.3, `the tone, in half a second of ${shares.join(' ')}`);
  t.equal((await listening.end()).length, 0, 'and is forgotten');
});

t.test('the test of the sound finds the delay and the loss on the way', { skip: withoutPulse }, async (t) => {
  const { pactl, hear } = await room(t);
  const plain = await hear();
  t.ok((plain.delayMs ?? 0) > 100, `200 ms were put in, ${plain.delayMs} ms heard`);
  pactl('set-sink-volume', 'room', String(Math.round(65_536 * 10 ** (-20 / 60))));
  const quiet = await hear();
  const loss = (plain.levelDb ?? 0) - (quiet.levelDb ?? 0);
  t.ok(Math.abs(loss - 20) < 6, `20 dB were put in, ${loss} dB heard`);
});

t.test(
  'the test of the sound fails where nothing is heard, or nobody listens',
  { skip: withoutPulse },
  async (t) => {
    const { pactl, test } = await room(t);
    pactl('set-sink-mute', 'room', '1');
    t.match(await test.run(), { passed: false, levelDb: null, cause: 'not-heard' });
    pactl('unload-module', 'module-loopback');
    pactl('unload-module', 'module-null-sink');
    t.match(await test.run(), { passed: false, cause: /not-played|no-microphone/ });
  },
);

t.test(
  'a microphone that is not there is WP2517, with what the program said',
  { skip: withoutPulse },
  async (t) => {
    const server = await PulseServer.start();
    t.teardown(() => server.close());
    const parts = { clock: systemClock, system: 'pulse', device: 'nowhere', env: server.env } as const;
    const options = { sampleRate: RATE, maxSamples: RATE, signal: never() };
    await t.rejects(new ProcessMicrophone(parts).listen(options), {
      code: 'WP2517',
      message: /No such entity/,
    });
    const alsa = new ProcessMicrophone({ clock: systemClock, system: 'alsa', device: 'nowhere' });
    await t.rejects(alsa.listen(options), { code: 'WP2517', message: /arecord/ });
    await t.rejects(
      new ProcessMicrophone({ ...parts, device: 'test.monitor' }).listen({
        ...options,
        signal: AbortSignal.abort(),
      }),
      { code: 'WP2517' },
    );
  },
);
