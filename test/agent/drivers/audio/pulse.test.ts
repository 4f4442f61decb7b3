import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type AudioChoice, LOOK_AGAIN_MS } from '#agent/drivers/audio/auto-speaker.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { PLAYERS } from '#agent/drivers/audio/players.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { PulseServer, withoutPulse } from './pulse-server.ts';
import { firstLoud, SAMPLE_RATE, toneShare, toneWav } from './sounds.ts';

const skip = withoutPulse;
const never = () => new AbortController().signal;
/** Bytes of sound in a second. */
const SECOND = SAMPLE_RATE * 2;

/** What was heard from the first loud sample on. */
const fromFirstLoud = (sound: Buffer): Buffer => {
  const first = firstLoud(sound);
  return first < 0 ? Buffer.alloc(0) : sound.subarray(first * 2);
};

t.test('a clip is heard at the sink, as it is, to its end', { skip }, async (t) => {
  const server = await PulseServer.start();
  t.teardown(() => server.close());
  const choices: AudioChoice[] = [];
  const speaker = createSpeaker(
    { driver: 'auto' },
    {
      clock: systemClock,
      dataDir: t.testdir({ 'tone.wav': toneWav(1000, 700) }),
      env: server.env,
      onChoice: (choice) => choices.push(choice),
    },
  );
  await speaker.start();
  t.strictSame(choices, [{ output: 'pulse', problem: null }]);
  const recording = await server.listen();
  await speaker.play(join(t.testdirName, 'tone.wav'), never());
  const heard = await recording.until((sound) => fromFirstLoud(sound).length > 2 * SECOND);
  const tone = fromFirstLoud(heard);
  // A machine under load stutters: the bounds leave room for that and none for another sound.
  t.ok(toneShare(tone.subarray(0, SECOND / 2), 1000) > 0.5, 'it is the tone that was played');
  t.equal(firstLoud(tone.subarray((SECOND * 3) / 2)), -1, 'silence after its end');
  await recording.close();
  await speaker.close();
});

t.test('a clip that is stopped is silent soon and not heard to its end', { skip }, async (t) => {
  const server = await PulseServer.start();
  t.teardown(() => server.close());
  const dataDir = t.testdir({ 'long.wav': toneWav(500, 20_000), 'next.wav': toneWav(2000, 1000) });
  const parts = { clock: systemClock, dataDir, env: server.env, onChoice: () => undefined };
  const speaker = createSpeaker({ driver: 'pulse' }, parts);
  await speaker.start();
  const recording = await server.listen();
  const stop = new AbortController();
  const playing = speaker.play(join(dataDir, 'long.wav'), stop.signal);
  await recording.until((sound) => firstLoud(sound) >= 0);
  stop.abort();
  await playing;
  const hearing = recording.until((sound) => toneShare(sound.subarray(-SECOND / 5), 2000) > 0.7);
  await speaker.play(join(dataDir, 'next.wav'), never());
  const heard = await hearing;
  t.ok(
    fromFirstLoud(heard).length < 10 * SECOND,
    'the next clip came long before the first would have ended',
  );
  t.ok(toneShare(heard.subarray(-SECOND / 5), 500) < 0.05, 'nothing of the first is left');
  await recording.close();
  await speaker.close();
});

t.test('a sound server that goes away and comes back loses no prompt', { skip }, async (t) => {
  const server = await PulseServer.start();
  t.teardown(() => server.close());
  const clock = new ManualClock();
  const dataDir = t.testdir({ 'tone.wav': toneWav(1000, 300) });
  const tone = join(dataDir, 'tone.wav');
  const choices: AudioChoice[] = [];
  const back = Promise.withResolvers<void>();
  const speaker = createSpeaker(
    { driver: 'auto' },
    {
      clock,
      dataDir,
      env: server.env,
      onChoice: (choice) => {
        choices.push(choice);
        if (choices.length === 3) back.resolve();
      },
    },
  );
  const play = async () => {
    const done = speaker.play(tone, never()).then(() => true);
    for (let ended = false; !ended; ) {
      ended = await Promise.race([done, clock.advance(clock.pending > 0 ? 50 : 0).then(() => false)]);
    }
  };
  await speaker.start();
  await play();
  await server.stop();
  await play();
  t.match(choices[1], { output: 'wav', problem: { code: 'WP2505' } });
  t.equal((await readFile(join(dataDir, 'spoken.wav'))).length, toneWav(1000, 300).length);
  await server.run();
  await clock.advance(LOOK_AGAIN_MS);
  await play();
  await back.promise;
  t.match(choices[2], { output: 'pulse', problem: null });
  await writeFile(join(dataDir, 'spoken.wav'), '');
  await play();
  t.equal((await readFile(join(dataDir, 'spoken.wav'))).length, 0, 'the sound went to the server again');
  await speaker.close();
});

t.test('a clip is heard as quiet as it is played, and two at a time are both heard', { skip }, async (t) => {
  const server = await PulseServer.start();
  t.teardown(() => server.close());
  const dataDir = t.testdir({ 'low.wav': toneWav(500, 4000), 'high.wav': toneWav(2000, 1500) });
  const parts = { clock: systemClock, dataDir, env: server.env, onChoice: () => undefined };
  const speaker = createSpeaker({ driver: 'pulse' }, parts);
  await speaker.start();
  t.equal(speaker.mixes, true);
  const recording = await server.listen();
  const stop = new AbortController();
  const beneath = speaker.play(join(dataDir, 'low.wav'), stop.signal, () => -20);
  const quiet = await recording.until((sound) => firstLoud(sound, 800) >= 0);
  t.equal(firstLoud(quiet, 2500), -1, 'a tenth of 16000');
  const both = recording.until((sound) => {
    const last = sound.subarray(-SECOND / 10);
    return toneShare(last, 2000) > 0.8 && toneShare(last, 500) > 0.002;
  });
  await speaker.play(join(dataDir, 'high.wav'), never());
  await t.resolves(both);
  stop.abort();
  await beneath;
  await recording.close();
  await speaker.close();
});

t.test(
  'a server without a sink that is heard, or without the one that is named, is no sound device',
  { skip },
  async (t) => {
    const server = await PulseServer.start();
    t.teardown(() => server.close());
    const choices: AudioChoice[] = [];
    const parts = {
      clock: systemClock,
      dataDir: t.testdir(),
      env: server.env,
      onChoice: (choice: AudioChoice) => choices.push(choice),
    };
    const named = createSpeaker({ driver: 'pulse', ...{ device: 'ceiling' } }, parts);
    await named.start();
    t.match(choices.at(-1), { output: 'wav', problem: { code: 'WP2504', message: /ceiling, but: test/ } });
    await named.close();
    const [pulse] = PLAYERS;
    t.equal(pulse?.lacks('0\ttest\tmodule-null-sink.c\ts16le\tIDLE\n', 'test'), null);
    t.match(pulse?.lacks('0\tauto_null\tmodule-null-sink.c\ts16le\tIDLE\n', undefined), /no sink/);
    t.match(pulse?.lacks('', undefined), /no sink/);
  },
);
