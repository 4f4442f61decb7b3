import t from 'tap';
import { judge, nobody, TAKEN_AFTER_MS } from '#agent/behaviours/guidance/machine.ts';
import type { KioskChoice } from '#agent/ports/kiosk.ts';
import { GuidanceDrive, RULES, TOLD_MS } from './drive.ts';

t.test('by touch: a language, what to ask, the answer, each said in that language', async (t) => {
  const drive = new GuidanceDrive();
  drive.choose({ choose: 'language', language: 'ar' });
  t.match(drive.state, { step: 'topics', language: 'ar' });
  drive.choose({ choose: 'topic', topic: 'guidance.howto' });
  t.match(drive.state, { step: 'answer', topic: 'guidance.howto' });
  drive.choose({ choose: 'again' });
  t.same(drive.takeSaid(), ['ar/guidance.menu', 'ar/guidance.howto', 'ar/guidance.howto']);
  drive.choose({ choose: 'back' });
  t.match(drive.state, { step: 'topics', topic: null });
  t.same(drive.takeSaid(), [], 'the way back is silent');
  drive.choose({ choose: 'places' });
  drive.choose({ choose: 'topic', topic: 'place.toilets' });
  t.same(drive.takeSaid(), ['ar/place.toilets']);
  drive.choose({ choose: 'back' });
  t.equal(drive.state.step, 'places', 'back from a place leads to the places');
  drive.choose({ choose: 'back' });
  drive.choose({ choose: 'back' });
  t.same(drive.state, nobody);
});

t.test('whatever is said next ends what was being said', async (t) => {
  const drive = new GuidanceDrive();
  drive.choose({ choose: 'language', language: 'en' });
  const effects = drive.choose({ choose: 'topic', topic: 'guidance.child' });
  t.same(effects, [{ kind: 'quiet' }, { kind: 'say', key: 'guidance.child', language: 'en' }]);
  t.same(drive.choose({ choose: 'home' }), [{ kind: 'quiet' }]);
});

t.test(
  'two buttons: one goes through the languages, the other through the answers, round and round',
  async (t) => {
    const drive = new GuidanceDrive();
    for (const _ of RULES.languages) drive.press('language');
    drive.press('language');
    t.same(drive.takeSaid(), [
      'zh-CN/guidance.language',
      'en/guidance.language',
      'ar/guidance.language',
      'zh-CN/guidance.language',
    ]);
    drive.press('language');
    drive.press('topic');
    for (const _ of [...RULES.topics, ...RULES.places]) drive.press('topic');
    t.same(drive.takeSaid(), [
      'en/guidance.language',
      'en/guidance.menu',
      ...[...RULES.topics, ...RULES.places].map((key) => `en/${key}`),
    ]);
    drive.press('topic');
    t.same(drive.takeSaid(), ['en/guidance.menu'], 'and begins again');
    drive.press('language');
    t.same(drive.takeSaid(), ['ar/guidance.language'], 'the other goes on with the languages');
  },
);

t.test('the second button alone, with no language chosen, asks in the first', async (t) => {
  const drive = new GuidanceDrive();
  drive.press('topic');
  t.same(drive.takeSaid(), ['zh-CN/guidance.menu']);
});

t.test(
  'one button: the language after which it is left alone is taken, then it goes through the answers',
  async (t) => {
    const drive = new GuidanceDrive();
    drive.press('only');
    drive.press('only');
    drive.pass(TOLD_MS + TAKEN_AFTER_MS - 1);
    t.equal(drive.state.step, 'language', 'not while there is time to press again');
    drive.pass(1);
    t.match(drive.state, { step: 'topics', language: 'en' });
    t.same(drive.takeSaid(), ['zh-CN/guidance.language', 'en/guidance.language', 'en/guidance.menu']);
    for (const _ of [...RULES.topics, ...RULES.places]) drive.press('only');
    drive.takeSaid();
    drive.press('only');
    t.same(drive.takeSaid(), ['ar/guidance.language'], 'when all was told it leads back to the languages');
  },
);

t.test('a device without clips of some answers passes them over by button', async (t) => {
  const drive = new GuidanceDrive({
    ...RULES,
    durationMs: (key) => (key === 'guidance.child' || key === 'answer.lockers' ? 0 : TOLD_MS),
  });
  for (let n = 0; n < 4; n += 1) drive.press('topic');
  t.same(drive.takeSaid().slice(1), [
    'zh-CN/guidance.howto',
    'zh-CN/guidance.first-aid',
    'zh-CN/place.exit-2',
  ]);
});

t.test('a visitor who has gone leaves nothing behind', async (t) => {
  const drive = new GuidanceDrive();
  drive.choose({ choose: 'language', language: 'ar' });
  drive.pass(TOLD_MS + RULES.idleMs - 1);
  t.equal(drive.state.language, 'ar');
  drive.choose({ choose: 'stay' });
  drive.pass(RULES.idleMs - 1);
  t.equal(drive.state.language, 'ar', 'who is still there is given as long again');
  drive.pass(1);
  t.same(drive.state, nobody);
});

t.test('an alarm ends the session, keeps its language, and nothing is said until it is over', async (t) => {
  const drive = new GuidanceDrive();
  drive.choose({ choose: 'language', language: 'ar' });
  drive.choose({ choose: 'topic', topic: 'guidance.child' });
  drive.takeSaid();
  t.same(drive.give({ kind: 'calling', isCalling: true }), [{ kind: 'quiet' }]);
  t.match(drive.state, { step: 'idle', language: 'ar', topic: null });
  drive.press('language');
  drive.press('topic');
  drive.press('only');
  t.equal(judge(RULES, drive.state, { choose: 'topic', topic: 'guidance.child' }), 'untimely');
  drive.choose({ choose: 'topic', topic: 'guidance.child' });
  drive.choose({ choose: 'language', language: 'en' });
  t.match(drive.state, { step: 'idle', language: 'en' }, 'it can be read in another language');
  drive.pass(3_600_000);
  t.equal(drive.state.language, 'en', 'for as long as it stands');
  drive.give({ kind: 'calling', isCalling: false });
  t.same(drive.state, nobody);
  t.same(drive.takeSaid(), []);
});

t.test('what is not offered, or not now, is told apart and changes nothing', async (t) => {
  const drive = new GuidanceDrive();
  const judged = (choice: KioskChoice) => judge(RULES, drive.state, choice);
  t.equal(judged({ choose: 'language', language: 'tlh' }), 'unknown');
  t.equal(judged({ choose: 'topic', topic: 'alarm.closed' }), 'unknown', 'no other prompt can be asked for');
  t.equal(judged({ choose: 'topic', topic: 'guidance.howto' }), 'untimely');
  t.equal(judged({ choose: 'stay' }), 'untimely');
  drive.choose({ choose: 'language', language: 'tlh' });
  drive.choose({ choose: 'topic', topic: 'guidance.howto' });
  t.same(drive.state, nobody);
  t.same(drive.effects, []);
  drive.choose({ choose: 'language', language: 'en' });
  t.equal(judged({ choose: 'again' }), 'untimely', 'there is no answer yet');
  t.equal(judge({ ...RULES, places: [] }, drive.state, { choose: 'places' }), 'unknown');
});
