import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AudioChoice } from '#agent/drivers/audio/auto-speaker.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { ProcessMicrophone } from '#agent/drivers/audio/process-microphone.ts';
import { systemClock } from '#contract/clock.ts';
import { firstLoud, SAMPLE_RATE, toneShare, toneWav } from './sounds.ts';

const skip = spawnSync('aplay', ['--version']).status === 0 ? false : 'alsa-utils is not installed';
const never = () => new AbortController().signal;
const HEADER_BYTES = 44;

/** ALSA whose only device is a file: no card is needed, and what is played can be read. */
function setUp(t: Test, name: 'default' | 'elsewhere') {
  const dir = t.testdir({ 'tone.wav': toneWav(1000, 500) });
  const [heard, conf] = [join(dir, 'heard.wav'), join(dir, 'asound.conf')];
  const device = `type file  slave.pcm "void"  file "${heard}"  format "wav"`;
  writeFileSync(conf, `pcm.!${name} { ${device} }\npcm.void { type null }\n`);
  const choices: AudioChoice[] = [];
  const parts = {
    clock: systemClock,
    dataDir: dir,
    onChoice: (choice: AudioChoice) => choices.push(choice),
    env: { ...process.env, ALSA_CONFIG_PATH: conf },
  };
  return { tone: join(dir, 'tone.wav'), heard, choices, parts };
}

t.test('a clip goes to the ALSA device, as it is', { skip }, async (t) => {
  const { tone, heard, choices, parts } = setUp(t, 'default');
  const speaker = createSpeaker({ driver: 'alsa' }, parts);
  await speaker.start();
  t.strictSame(choices, [{ output: 'alsa', problem: null }]);
  await speaker.play(tone, never());
  const sound = await soundIn(heard);
  t.ok(toneShare(sound.subarray(0, SAMPLE_RATE), 1000) > 0.9);
  await speaker.close();
});

t.test('the gain makes it quieter by so many decibels', { skip }, async (t) => {
  const { tone, heard, parts } = setUp(t, 'default');
  const speaker = createSpeaker({ driver: 'alsa' }, parts);
  await speaker.start();
  for (const [gain, expected] of [
    [0, 16_000],
    [-20, 1600],
    [6, 16_000],
  ] as const) {
    await speaker.play(tone, never(), gain);
    const loudest = peak(await soundIn(heard));
    t.ok(Math.abs(loudest - expected) < 20, `${gain} dB: ${loudest}`);
  }
  await speaker.close();
});

t.test(
  'a machine without a card has no ALSA device, though its list of cards is no error',
  { skip },
  async (t) => {
    const { tone, choices, parts } = setUp(t, 'elsewhere');
    const speaker = createSpeaker({ driver: 'alsa' }, parts);
    await speaker.start();
    t.match(choices, [{ output: 'wav', problem: { code: 'WP2504', message: /aplay/ } }]);
    await speaker.play(tone, never());
    t.ok(firstLoud(await soundIn(join(parts.dataDir, 'spoken.wav'))) >= 0, 'what is spoken goes to the file');
    await speaker.close();
    const named = createSpeaker({ driver: 'alsa', ...{ device: 'elsewhere' } }, parts);
    await named.start();
    t.equal(choices.at(-1)?.output, 'alsa', 'a device that is named is looked for under its name');
    await named.close();
  },
);

t.test(
  'what an ALSA microphone hears comes as it is, and no more than was asked for',
  { skip },
  async (t) => {
    const rate = 8000;
    const tone = toneWav(1000, 2000, rate).subarray(HEADER_BYTES);
    const dir = t.testdir({ 'room.raw': tone });
    const conf = join(dir, 'asound.conf');
    const device = `type file  slave.pcm "void"  file "/dev/null"  infile "${dir}/room.raw"  format "raw"`;
    writeFileSync(conf, `pcm.room { ${device} }\npcm.void { type null }\n`);
    const env = { ...process.env, ALSA_CONFIG_PATH: conf };
    const parts = { clock: systemClock, system: 'alsa', env } as const;
    const options = { sampleRate: rate, maxSamples: rate, signal: never() };
    const listening = await new ProcessMicrophone({ ...parts, device: 'room' }).listen(options);
    await listening.until(rate);
    const heard = await listening.end();
    t.strictSame(Buffer.from(heard.buffer), tone.subarray(0, rate * 2));
    await t.rejects(new ProcessMicrophone({ ...parts, device: 'elsewhere' }).listen(options), {
      code: 'WP2517',
      message: /elsewhere/,
    });
  },
);

t.test('a recorder that ends before enough was heard is WP2517', { skip }, async (t) => {
  const conf = join(t.testdir(), 'asound.conf');
  writeFileSync(conf, 'pcm.room { type null }\n');
  const env = { ...process.env, ALSA_CONFIG_PATH: conf };
  const microphone = new ProcessMicrophone({ clock: systemClock, system: 'alsa', device: 'room', env });
  const stop = new AbortController();
  const listening = await microphone.listen({ sampleRate: 8000, maxSamples: 80, signal: stop.signal });
  const waiting = t.rejects(listening.until(81), { code: 'WP2517' });
  stop.abort();
  await waiting;
  await listening.end();
});

/** Without the header, and without the silence with which ALSA fills up its last period. */
async function soundIn(file: string): Promise<Buffer> {
  const sound = (await readFile(file)).subarray(HEADER_BYTES);
  let end = sound.length - (sound.length % 2);
  while (end > 0 && sound.readInt16LE(end - 2) === 0) end -= 2;
  return sound.subarray(0, end);
}

function peak(sound: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < sound.length; at += 2) most = Math.max(most, Math.abs(sound.readInt16LE(at)));
  return most;
}
