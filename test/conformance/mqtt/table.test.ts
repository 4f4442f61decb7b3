import { readFileSync } from 'node:fs';
import t from 'tap';
import { conformancePage, titledTests } from '#scripts/generate/mqtt-conformance.ts';
import { SECTIONS, STATEMENTS } from '#scripts/generate/mqtt-statements.ts';

const tests = titledTests();

t.test('every statement of the standard is in the list, once', async (t) => {
  const all = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, n) => `${section}-${n + 1}`),
  );
  t.same(
    STATEMENTS.map(({ number }) => number),
    all,
  );
  t.equal(STATEMENTS.length, 141);
});

t.test('each statement that applies is named by a test, and none that does not', async (t) => {
  for (const { number, notApplicable } of STATEMENTS) {
    const shown = tests.filter(({ statements }) => statements.includes(number));
    t.equal(shown.length > 0, notApplicable === null, `[MQTT-${number}]`);
  }
});

t.test('the statements that titles name exist', async (t) => {
  const numbers = new Set(STATEMENTS.map(({ number }) => number));
  for (const { file, title, statements } of tests) {
    t.ok(
      statements.every((number) => numbers.has(number)),
      `${file}: ${title}`,
    );
    if (/\[MQTT/.test(title)) t.ok(statements.length > 0, 'and are written as they should be');
  }
});

t.test('docs/mqtt-conformance.md has the table as the tests are', async (t) => {
  const page = readFileSync(new URL('../../../docs/mqtt-conformance.md', import.meta.url), 'utf8');
  t.equal(conformancePage(page), page, 'node scripts/generate/mqtt-conformance.ts writes it');
});
