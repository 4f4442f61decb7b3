import t from 'tap';
import { shorterTrial } from '#agent/trial-wiring.ts';

t.test('a trial can be made shorter, by whole seconds, and never longer than it is', async (t) => {
  t.same(shorterTrial(undefined), {});
  t.same(shorterTrial('3'), { trialWithinMs: 3000 });
  t.same(shorterTrial('90'), { trialWithinMs: 90_000 });
  for (const text of ['', '0', '91', '-3', '1e1', '3.5', 'soon', ' 3'])
    t.throws(() => shorterTrial(text), { code: 'WP5024', detail: `WATCHPOST_TRIAL_S ${text}` }, text);
});
