import t from 'tap';
import { shorterWaits } from '#agent/trial-wiring.ts';

t.test(
  'a trial and the looks into the inbox can be made shorter, by whole seconds, and never longer',
  async (t) => {
    t.same(shorterWaits({}), {});
    t.same(shorterWaits({ WATCHPOST_TRIAL_S: '3' }), { trialWithinMs: 3000 });
    t.same(shorterWaits({ WATCHPOST_TRIAL_S: '90', WATCHPOST_INBOX_S: '5' }), {
      trialWithinMs: 90_000,
      inboxEveryMs: 5000,
    });
    for (const text of ['', '0', '91', '-3', '1e1', '3.5', 'soon', ' 3'])
      t.throws(
        () => shorterWaits({ WATCHPOST_TRIAL_S: text }),
        { code: 'WP5024', detail: `WATCHPOST_TRIAL_S ${text}` },
        text,
      );
    t.throws(() => shorterWaits({ WATCHPOST_INBOX_S: '6' }), {
      code: 'WP5024',
      detail: 'WATCHPOST_INBOX_S 6',
    });
  },
);
