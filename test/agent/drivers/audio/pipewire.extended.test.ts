import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type AudioChoice, LOOK_AGAIN_MS } from '#agent/drivers/audio/auto-speaker.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { PipewireServer, withoutPipewire } from './pipewire-server.ts';
import { firstLoud, SAMPLE_RATE, toneShare, toneWav } from './sounds.ts';

const skip = withoutPipewire;
const never = () => new AbortController().signal;
const SECOND = SAMPLE_RATE * 2;
const LOUDEST = 16_000;

const fromFirstLoud = (sound: Buffer): Buffer => {
  const first = firstLoud(sound);
  return first < 0 ? Buffer.alloc(0) : sound.subarray(first * 2);
};

function peak(sound: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < sound.length; at += 2) most = Math.max(most, Math.abs(sound.readInt16LE(at)));
  return most;
}

t.test('PipeWire', { skip }, async (t) => {
  const server = await PipewireServer.start();
  t.teardown(() => server.close());
  const dataDir = t.testdir({
    'tone.wav': toneWav(1000, 3000),
    'long.wav': toneWav(500, 20_000),
    'next.wav': toneWav(2000, 1500),
  });
  const file = (name: string) => join(dataDir, name);
  const parts = { clock: systemClock, dataDir, env: server.env, onChoice: () => undefined };

  t.test('a clip is heard as it is, to its end', async (t) => {
    const choices: AudioChoice[] = [];
    const onChoice = (choice: AudioChoice) => choices.push(choice);
    const speaker = createSpeaker({ driver: 'auto' }, { ...parts, onChoice });
    await speaker.start();
    t.strictSame(choices, [{ output: 'pipewire', problem: null }]);
    const recording = await server.listen();
    await speaker.play(file('tone.wav'), never());
    const heard = await recording.until((sound) => fromFirstLoud(sound).length > 4 * SECOND);
    const tone = fromFirstLoud(heard);
    t.ok(
      toneShare(tone.subarray(SECOND * 2, (SECOND * 5) / 2), 1000) > 0.5,
      'the tone, in its third second, too',
    );
    t.equal(firstLoud(tone.subarray((SECOND * 7) / 2)), -1, 'silence after its end');
    await recording.close();
    await speaker.close();
  });

  t.test('it is as quiet as it is played, and gets louder while it plays', async (t) => {
    const speaker = createSpeaker({ driver: 'pipewire', ...{ device: 'test' } }, parts);
    await speaker.start();
    const recording = await server.listen();
    const stop = new AbortController();
    let db = -20;
    const playing = speaker.play(file('long.wav'), stop.signal, () => db);
    const quiet = await recording.until((sound) => fromFirstLoud(sound).length > SECOND / 2);
    const gain = 20 * Math.log10(peak(quiet) / LOUDEST);
    t.ok(Math.abs(gain + 20) < 4, `20 dB less were asked for, ${gain.toFixed(1)} dB heard`);
    db = 0;
    const loud = await recording.until((sound) => peak(sound.subarray(-SECOND / 10)) > LOUDEST / 2);
    t.ok(fromFirstLoud(loud).length < 15 * SECOND, 'long before its end');
    stop.abort();
    await playing;
    await recording.close();
    await speaker.close();
  });

  t.test('a clip that is stopped is silent soon, and the next is heard in its place', async (t) => {
    const speaker = createSpeaker({ driver: 'pipewire' }, parts);
    await speaker.start();
    const recording = await server.listen();
    const stop = new AbortController();
    const playing = speaker.play(file('long.wav'), stop.signal);
    await recording.until((sound) => firstLoud(sound) >= 0);
    stop.abort();
    await playing;
    const hearing = recording.until((sound) => toneShare(sound.subarray(-SECOND / 5), 2000) > 0.7);
    await speaker.play(file('next.wav'), never());
    const heard = await hearing;
    t.ok(fromFirstLoud(heard).length < 10 * SECOND, 'long before the first would have ended');
    t.ok(toneShare(heard.subarray(-SECOND / 5), 500) < 0.05, 'nothing of the first is left');
    await recording.close();
    await speaker.close();
  });

  t.test('a sink that is not there is no sound device', async (t) => {
    const choices: AudioChoice[] = [];
    const onChoice = (choice: AudioChoice) => choices.push(choice);
    const speaker = createSpeaker({ driver: 'pipewire', ...{ device: 'elsewhere' } }, { ...parts, onChoice });
    await speaker.start();
    t.match(choices, [
      { output: 'wav', problem: { code: 'WP2504', message: /no sink elsewhere, but: test/ } },
    ]);
    await speaker.close();
  });

  t.test('a server that is killed and comes back loses no prompt', async (t) => {
    const clock = new ManualClock();
    const choices: AudioChoice[] = [];
    const back = Promise.withResolvers<void>();
    const onChoice = (choice: AudioChoice) => {
      choices.push(choice);
      if (choices.length === 3) back.resolve();
    };
    const speaker = createSpeaker({ driver: 'pipewire' }, { ...parts, clock, onChoice });
    const play = async () => {
      const done = speaker.play(file('next.wav'), never()).then(() => true);
      for (let ended = false; !ended; ) {
        ended = await Promise.race([done, clock.advance(clock.pending > 0 ? 50 : 0).then(() => false)]);
      }
    };
    await speaker.start();
    await server.stop();
    await play();
    t.match(choices[1], { output: 'wav', problem: { code: 'WP2505' } });
    t.equal((await readFile(file('spoken.wav'))).length, toneWav(2000, 1500).length);
    await server.run();
    await clock.advance(LOOK_AGAIN_MS);
    await play();
    await back.promise;
    t.match(choices[2], { output: 'pipewire', problem: null });
    await writeFile(file('spoken.wav'), '');
    await play();
    t.equal((await readFile(file('spoken.wav'))).length, 0, 'the sound went to the server again');
    await speaker.close();
  });
});
