import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MISTAKES } from '#scripts/field-errors/all.ts';
import type { Outcome } from '#scripts/field-errors/make.ts';
import { makeAll } from '#scripts/field-errors/make-all.ts';
import type { Mistake } from '#scripts/field-errors/mistake.ts';
import { fieldErrorsPage, sectionOf } from '#scripts/field-errors/page.ts';
import { verdictOn } from '#scripts/field-errors/verdict.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

/** At least so many ways to get it wrong are shown. */
const FEWEST = 40;

t.test(
  'every mistake is answered with a code and what would be right, and the page shows the answer',
  async (t) => {
    const page = readFileSync(join(ROOT, 'docs/field-errors.md'), 'utf8');
    const outcomes = await makeAll();
    t.ok(outcomes.size >= FEWEST, `${outcomes.size} mistakes`);
    for (const [mistake, outcome] of outcomes) {
      t.same(verdictOn(mistake, outcome), [], mistake.title);
      t.ok(
        page.includes(sectionOf(mistake, outcome)),
        `the page has what is printed: ${sectionOf(mistake, outcome)}`,
      );
    }
    t.equal(page, fieldErrorsPage(outcomes), 'node scripts/generate/field-errors.ts writes it');
  },
);

t.test('each mistake has a title of its own under its heading', async (t) => {
  t.equal(new Set(MISTAKES.map(({ title, words }) => `${title} ${words.join(' ')}`)).size, MISTAKES.length);
});

t.test('a bad answer does not pass', async (t) => {
  const mistake: Mistake = { title: 'x', words: ['site'], code: 'WP4401', exit: 1 };
  const good: Outcome = { printed: 'WP4401 No. (x)\n  → Do this.', exit: 1, changed: [] };
  t.same(verdictOn(mistake, good), []);
  const bad: [Partial<Outcome>, RegExp][] = [
    [{ exit: 0 }, /exit code 0, not 1/],
    [{ printed: 'WP4402 No.\n  → Do this.' }, /WP4401 is not said/],
    [{ printed: 'WP4401 No.' }, /what would be right/],
    [{ printed: 'WP4401 No.\n  → Do this.\n    at x (file:///a.ts:1:2)' }, /the inside/],
    [{ printed: 'WP4401 No. (undefined)\n  → Do this.' }, /undefined/],
    [{ printed: 'WP4401 No.\n  → Do this.\nCHANGED: card' }, /not as it was/],
    [{ changed: ['card/x'] }, /has changed card\/x/],
  ];
  for (const [change, said] of bad) t.match(verdictOn(mistake, { ...good, ...change }).join(), said);
  t.match(verdictOn({ ...mistake, leaves: 'A file.' }, good).join(), /left nothing/);
});
