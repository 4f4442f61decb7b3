import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { drawFigures, FIGURES_DIR, figuresPage } from '#scripts/generate/detection-figures.ts';
import { withTable } from '#scripts/generate/detection-tables.ts';

const HINT = 'run node scripts/generate/detection-figures.ts';

t.test('the plots in docs/figures are those of the JSON beside them', async (t) => {
  const drawn = Object.entries(await drawFigures());
  t.ok(drawn.length >= 2);
  for (const [name, svg] of drawn) {
    t.ok(readFileSync(join(FIGURES_DIR, name), 'utf8') === svg, `${name}: ${HINT}`);
  }
});

t.test('and so are the tables of the page', async (t) => {
  const page = readFileSync(join(FIGURES_DIR, '../detection-figures.md'), 'utf8');
  t.ok(page === figuresPage(), HINT);
  t.match(page, /\| \*\*all\*\* \| \d{3} \|/);
});

t.test('other figures give another plot', async (t) => {
  const folder = t.testdir();
  const row = { scenario: 'a', expected: 3, found: 1, falseAlarms: 2 };
  const curve = [{ leastScore: 0, precision: 0.5, recall: 1 }];
  writeFileSync(join(folder, 'scenes.json'), JSON.stringify({ rows: [row], curve }));
  const drawn = await drawFigures(folder);
  t.same(Object.keys(drawn), ['scenes.svg', 'score.svg']);
  t.match(drawn['scenes.svg'], /missed/);
  t.not(drawn['scenes.svg'], readFileSync(join(FIGURES_DIR, 'scenes.svg'), 'utf8'));
});

t.test('a table goes between its marks, and a page without them stays as it is', async (t) => {
  t.equal(withTable('a <!-- x -->old<!-- /x --> b', 'x', 'new'), 'a <!-- x -->\n\nnew\n\n<!-- /x --> b');
  t.equal(withTable('no marks', 'x', 'new'), 'no marks');
});
