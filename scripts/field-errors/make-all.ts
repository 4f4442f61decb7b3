import { MISTAKES } from './all.ts';
import { make, type Outcome } from './make.ts';
import type { Mistake } from './mistake.ts';
import { makeScene } from './scene.ts';

/** Each waits for a process of its own. */
const AT_ONCE = 2;

/** Makes every mistake; `onMade` hears of each as it is made. */
export async function makeAll(
  onMade: (mistake: Mistake, outcome: Outcome) => void = () => undefined,
): Promise<Map<Mistake, Outcome>> {
  const scene = await makeScene();
  const outcomes = new Map<Mistake, Outcome>();
  const waiting = [...MISTAKES];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await make(next, scene);
      outcomes.set(next, outcome);
      onMade(next, outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await scene.close();
  }
  return outcomes;
}
