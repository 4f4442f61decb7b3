import t from 'tap';
import { matchOf } from '#agent/behaviours/sound-test/matched-filter.ts';
import { SAMPLE_RATE, sweep } from '#agent/behaviours/sound-test/sweep.ts';
import { LEAST_SURENESS, verdictOf } from '#agent/behaviours/sound-test/verdict.ts';

const LENGTH = SAMPLE_RATE * 1.5;
const sent = sweep();

/** Numerical Recipes' generator, summed to something close to a bell curve. */
function noiseOf(rms: number, seed: number): () => number {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => rms * (Array.from({ length: 12 }, next).reduce((sum, value) => sum + value, 0) - 6);
}

function heardWith({ db, delayMs, noise = () => 0 }: { db: number; delayMs: number; noise?: () => number }) {
  const from = Math.round((delayMs * SAMPLE_RATE) / 1000);
  const factor = 10 ** (db / 20);
  return Int16Array.from({ length: LENGTH }, (_none, n) =>
    Math.round((sent[n - from] ?? 0) * factor + noise()),
  );
}

t.test('delay and level are what was put in', async (t) => {
  for (const [db, delayMs] of [
    [0, 0],
    [-20, 140],
    [-30, 1000],
  ] as const) {
    const match = await matchOf(heardWith({ db, delayMs }), sent);
    t.equal(match.lag, (delayMs * SAMPLE_RATE) / 1000);
    t.ok(Math.abs(match.levelDb - db) < 0.5, `${match.levelDb} dB`);
    t.match(verdictOf(match, -50), { passed: true, delayMs, cause: 'heard' });
  }
});

t.test('it is found in noise that is as loud as itself', async (t) => {
  const noise = noiseOf(5000, 7);
  const match = await matchOf(heardWith({ db: 0, delayMs: 200, noise }), sent);
  t.ok(Math.abs(match.lag - 0.2 * SAMPLE_RATE) <= 1);
  t.ok(match.sureness > LEAST_SURENESS);
});

t.test('silence, noise, a hum and another sweep are not taken for it', async (t) => {
  const hum = Int16Array.from({ length: LENGTH }, (_none, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 1000 * n) / SAMPLE_RATE)),
  );
  const falling = new Int16Array(LENGTH);
  falling.set(sent.toReversed(), 3000);
  const others = [new Int16Array(LENGTH), hum, falling];
  for (let seed = 1; seed <= 8; seed += 1) {
    const noise = noiseOf(3000, seed);
    others.push(Int16Array.from({ length: LENGTH }, noise));
  }
  for (const [n, heard] of others.entries()) {
    const match = await matchOf(heard, sent);
    t.match(
      verdictOf(match, -80),
      { passed: false, levelDb: null, delayMs: null, cause: 'not-heard' },
      `${n}: sureness ${match.sureness.toFixed(1)}`,
    );
  }
});

t.test('what is heard too quietly or too late has not passed, and says how much', async (t) => {
  t.match(verdictOf({ lag: 800, levelDb: -51, sureness: 99 }, -50), {
    passed: false,
    cause: 'too-quiet',
    levelDb: -51,
    delayMs: 100,
  });
  t.match(verdictOf({ lag: 8008, levelDb: -10, sureness: 99 }, -50), { passed: false, cause: 'too-late' });
});

t.test('too little to hold the sound is silence', async (t) => {
  t.match(await matchOf(new Int16Array(10), sent), { sureness: 0 });
});
