import t from 'tap';
import { isStronger } from '#agent/behaviours/voice/prompt-queue.ts';
import { VOICE_PRIORITIES, type VoicePriority } from '#agent/ports/speaker.ts';
import { rig } from './voice-rig.ts';

/** Seeds that once failed stay here. */
const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34];
const STEPS = 300;

/** Numerical Recipes' linear congruential generator. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const priorityOf = (key: string): VoicePriority => {
  const name = key.split('.')[0];
  return VOICE_PRIORITIES.find((priority) => priority === name) ?? 'ambient';
};

for (const seed of SEEDS) {
  t.test(`whatever is asked for, the rules of priority hold (seed ${seed})`, async (t) => {
    const random = randomOf(seed);
    const { voice, clock, speaker } = await rig();
    speaker.mixes = seed % 2 === 0;
    const modes = ['plays', 'plays', 'plays', 'fails', 'hangs'] as const;
    let alarm: string | null = null;
    let began = 0;
    for (let step = 0; step < STEPS; step += 1) {
      speaker.mode = modes[random(modes.length)] ?? 'plays';
      const priority = VOICE_PRIORITIES[1 + random(VOICE_PRIORITIES.length - 1)] ?? 'alarm';
      const key = `${priority}.${random(4)}`;
      const repeat = random(3) === 0 ? { repeatEveryMs: 2000 + random(8000) } : {};
      if (random(8) === 0) {
        voice.hush(priority);
        if (priority === 'alarm') alarm = null;
      } else {
        voice.say({ key, priority, ...repeat });
        if (priority === 'alarm') alarm = key;
        await clock.advance(0);
        const speaking = voice.speaking;
        if (speaking !== null && isStronger(priority, priorityOf(speaking.key)))
          t.fail(`step ${step}: ${speaking.key} goes on over ${key}`);
      }
      await clock.advance(random(2500));
      for (const file of speaker.began.slice(began)) {
        if (file.startsWith('alarm') && file.split('@')[0] !== alarm)
          t.fail(`step ${step}: ${file} began while ${alarm ?? 'none'} stands`);
      }
      began = speaker.began.length;
    }
    t.ok(began > STEPS / 4, `${began} clips began`);
    t.equal(speaker.mostAtOnce, speaker.mixes ? 2 : 1, 'never two at once, but where one is ducked');
    const closed = voice.close();
    await clock.advance(1000);
    await closed;
    t.equal(clock.pending, 0, 'no timer is left');
  });
}
