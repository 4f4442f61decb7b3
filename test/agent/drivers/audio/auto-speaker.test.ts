import t from 'tap';
import {
  type AudioChoice,
  AutoSpeaker,
  healthOfChoice,
  LOOK_AGAIN_MS,
} from '#agent/drivers/audio/auto-speaker.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { SimSpeaker } from '#agent/drivers/audio/sim-speaker.ts';
import type { Speaker } from '#agent/ports/speaker.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { toneWav } from './sounds.ts';

class Output implements Speaker {
  there = true;
  broken = false;
  starts = 0;
  closes = 0;
  readonly played: string[] = [];

  async start(): Promise<void> {
    this.starts += 1;
    if (!this.there) throw new WatchpostError('WP2504');
  }

  async play(file: string): Promise<void> {
    if (this.broken) throw new WatchpostError('WP2505');
    this.played.push(file);
  }

  async close(): Promise<void> {
    this.closes += 1;
  }
}

function setUp() {
  const clock = new ManualClock();
  const [pulse, alsa, wav] = [new Output(), new Output(), new Output()];
  const choices: AudioChoice[] = [];
  const speaker = new AutoSpeaker({
    clock,
    candidates: [
      { output: 'pulse', speaker: pulse },
      { output: 'alsa', speaker: alsa },
    ],
    last: { output: 'wav', speaker: wav },
    onChoice: (choice) => choices.push(choice),
  });
  return { clock, pulse, alsa, wav, choices, speaker };
}

const never = () => new AbortController().signal;

t.test('the first that answers is used', async (t) => {
  const { pulse, alsa, choices, speaker } = setUp();
  pulse.there = false;
  await speaker.start();
  await speaker.play('a', never());
  t.strictSame(alsa.played, ['a']);
  t.strictSame(choices, [{ output: 'alsa', problem: null }]);
});

t.test('with none of them the last resort is used, and why is told once', async (t) => {
  const { clock, pulse, alsa, wav, choices, speaker } = setUp();
  pulse.there = false;
  alsa.there = false;
  await speaker.start();
  for (let n = 0; n < 5; n += 1) {
    await speaker.play(`${n}`, never());
    await clock.advance(LOOK_AGAIN_MS / 2);
  }
  t.equal(wav.played.length, 5);
  t.match(choices, [{ output: 'wav', problem: { code: 'WP2504' } }]);
  t.equal(choices.length, 1);
  t.equal(pulse.starts, 3, 'looked for at start and then every 30 s at most');
});

t.test('a prompt whose player fails is played by the last resort', async (t) => {
  const { pulse, wav, choices, speaker } = setUp();
  await speaker.start();
  pulse.broken = true;
  await speaker.play('a', never());
  t.strictSame(wav.played, ['a']);
  t.match(choices.at(-1), { output: 'wav', problem: { code: 'WP2505' } });
});

t.test('when the last resort fails too, the prompt is not heard and that is said', async (t) => {
  const { pulse, wav, speaker } = setUp();
  await speaker.start();
  pulse.broken = true;
  wav.broken = true;
  await t.rejects(speaker.play('a', never()), { code: 'WP2505' });
});

t.test('a sound device that comes later is used from the prompt after', async (t) => {
  const { clock, pulse, alsa, wav, choices, speaker } = setUp();
  pulse.there = false;
  alsa.there = false;
  await speaker.start();
  pulse.there = true;
  await clock.advance(LOOK_AGAIN_MS);
  await speaker.play('a', never());
  await clock.advance(0);
  await speaker.play('b', never());
  t.strictSame([wav.played, pulse.played], [['a'], ['b']]);
  t.match(choices.at(-1), { output: 'pulse', problem: null });
  await speaker.close();
  t.equal(pulse.closes + alsa.closes + wav.closes, 3);
});

t.test('asked whether it is there, it asks the sound system, and gives up one that has gone', async (t) => {
  const { pulse, wav, choices, speaker } = setUp();
  t.equal(await speaker.isThere(), false, 'not before it was looked for');
  await speaker.start();
  t.equal(await speaker.isThere(), true);
  pulse.there = false;
  t.equal(await speaker.isThere(), false);
  t.match(choices.at(-1), { output: 'wav', problem: { code: 'WP2504' } });
  await speaker.play('a', never());
  t.strictSame(wav.played, ['a']);
});

t.test('a driver that does not exist is WP2512, naming those that do', async (t) => {
  const parts = { clock: systemClock, dataDir: t.testdir(), onChoice: () => undefined };
  t.throws(() => createSpeaker({ driver: 'gramophone' }, parts), { code: 'WP2512', hint: /auto, pulse/ });
  t.throws(() => createSpeaker({ driver: 'pulse', ...{ volume: 11 } }, parts), /volume/);
  t.ok(createSpeaker({ driver: 'sim' }, parts) instanceof SimSpeaker);
});

t.test('the simulated speaker takes as long as the clip and remembers what was stopped', async (t) => {
  const clock = new ManualClock();
  const dir = t.testdir({ 'tone.wav': toneWav(1000, 500) });
  const speaker = new SimSpeaker({ clock });
  const file = `${dir}/tone.wav`;
  const stop = new AbortController();
  for (const signal of [never(), stop.signal]) {
    const playing = speaker.play(file, signal);
    while (clock.pending === 0) await clock.advance(0);
    await clock.advance(499);
    t.equal(clock.pending, 1);
    if (signal === stop.signal) stop.abort();
    await clock.advance(1);
    await playing;
  }
  t.strictSame(speaker.heard, [
    { file, ended: 'finished' },
    { file, ended: 'stopped' },
  ]);
  t.equal(clock.pending, 0);
});

t.test('a choice as health fits the event that reports it', async (t) => {
  t.strictSame(healthOfChoice({ output: 'pulse', problem: null }), { state: 'ok' });
  const problem = new WatchpostError('WP2505', { detail: 'x'.repeat(5000) });
  const health = healthOfChoice({ output: 'wav', problem });
  t.match(health, { state: 'degraded', code: 'WP2505' });
  t.equal(health.detail?.length, 400);
});
