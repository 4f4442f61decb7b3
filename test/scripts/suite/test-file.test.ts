import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runTestFile } from '#scripts/suite/test-file.ts';

const LIMITS = { timeoutS: 60, killS: 60 };
const TAP = import.meta.resolve('tap');

/** A test file with these lines after the import of tap. */
function fileOf(t: Test, lines: string): string {
  const file = join(t.testdir(), 'a.test.ts');
  writeFileSync(file, `import t from '${TAP}';\n${lines}`);
  return file;
}

t.test('assertions are counted, and what was left out is shown with its reason', async (t) => {
  const file = fileOf(
    t,
    `t.test('two', async (t) => { t.ok(true); t.ok(true); });
     t.test('none', { skip: 'no such device' }, () => undefined);`,
  );
  const { counts, lines } = await runTestFile(file, LIMITS);
  t.same(counts, { passed: 2, failed: 0, skipped: 1 });
  t.match(lines, [/none.*no such device/]);
  t.equal(lines.length, 1);
});

t.test('what failed is counted and shown with what follows it', async (t) => {
  const file = fileOf(t, `t.test('sums', async (t) => { t.equal(1 + 1, 3, 'the sum'); });`);
  const { counts, lines } = await runTestFile(file, LIMITS);
  t.same(counts, { passed: 0, failed: 1, skipped: 0 });
  t.match(lines.join('\n'), /not ok 1 - the sum[\s\S]*-3\n[\s\S]*\+2/);
});

t.test('a file that ends badly is a failure, whatever passed in it before', async (t) => {
  const thrown = await runTestFile(fileOf(t, `t.ok(true); throw new TypeError('half way');`), LIMITS);
  t.ok(thrown.counts.failed > 0);
  t.match(thrown.lines.join('\n'), /half way/);
  const ended = await runTestFile(
    fileOf(t, `t.ok(true); t.end(); process.on('exit', () => { process.exitCode = 3; });`),
    LIMITS,
  );
  t.same(ended.counts, { passed: 1, failed: 1, skipped: 0 });
});

t.test('a file that asserts nothing is a failure', async (t) => {
  const file = join(t.testdir(), 'a.test.ts');
  writeFileSync(file, `process.stdout.write('hello\\n');`);
  const { counts, lines } = await runTestFile(file, LIMITS);
  t.same(counts, { passed: 0, failed: 1, skipped: 0 });
  t.match(lines, [/hello/]);
});

t.test('a file that waits for ever tells what it waited for', async (t) => {
  const file = fileOf(
    t,
    `setTimeout(() => 0, 3000); t.test('the last one', () => new Promise(() => undefined));`,
  );
  const { counts, lines } = await runTestFile(file, { timeoutS: 1, killS: 60 });
  t.ok(counts.failed > 0);
  t.match(lines.join('\n'), /timeout!/);
});

t.test('a file that stands still is killed', async (t) => {
  const file = fileOf(t, `t.ok(true); for (;;) void 0;`);
  const { counts } = await runTestFile(file, { timeoutS: 1, killS: 2 });
  t.equal(counts.failed, 1);
});
