import t from 'tap';
import { LAMP_RHYTHMS, type LampStep, LIT_FROM } from '#agent/ports/lamp-rhythm.ts';
import { LAMP_PATTERNS } from '#agent/ports/outputs.ts';

const STEP_MS = 100;
const LONG_MS = 12_000;

/** Lit or dark every 100 ms, as a lamp that knows on and off alone shows it. */
function lit(rhythm: readonly LampStep[]): boolean[] {
  const shown: boolean[] = [];
  while (shown.length < LONG_MS / STEP_MS) {
    for (const { level, forMs } of rhythm) {
      for (let ms = 0; ms < Math.min(forMs, LONG_MS); ms += STEP_MS) shown.push(level >= LIT_FROM);
    }
  }
  return shown.slice(0, LONG_MS / STEP_MS);
}

t.test('a lamp that knows on and off alone tells all patterns apart, from any moment on', async (t) => {
  const turned = LAMP_PATTERNS.map((pattern) => {
    const text = lit(LAMP_RHYTHMS[pattern]).map(Number).join('');
    // The smallest of all rotations is the same whenever one begins to look.
    return [...text].map((_, at) => text.slice(at) + text.slice(0, at)).sort()[0];
  });
  t.equal(new Set(turned).size, LAMP_PATTERNS.length);
});

t.test('no pattern flashes more than three times in any second', async (t) => {
  for (const pattern of LAMP_PATTERNS) {
    const shown = lit(LAMP_RHYTHMS[pattern]);
    const starts = shown.flatMap((on, at) => (on && at > 0 && shown[at - 1] === false ? [at * STEP_MS] : []));
    for (const from of starts) {
      const flashes = starts.filter((at) => at >= from && at < from + 1_000).length;
      t.ok(flashes <= 3, `${pattern}: ${flashes} from ${from} ms`);
    }
  }
});

t.test('every time is a multiple of 100 ms, or for good', async (t) => {
  for (const pattern of LAMP_PATTERNS) {
    for (const { forMs, level } of LAMP_RHYTHMS[pattern]) {
      t.ok(forMs === Number.POSITIVE_INFINITY || (forMs > 0 && forMs % STEP_MS === 0), pattern);
      t.ok(level >= 0 && level <= 1);
    }
  }
});
