import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Child } from '#scripts/site/child.ts';

const saying = (words: string, code: number) =>
  `console.error(${JSON.stringify(words)}); process.exit(${code})`;

function startOf(folder: string, program: string): Promise<unknown> {
  const logFile = join(folder, 'part.log');
  writeFileSync(logFile, 'WP3101 What went wrong the last time.\n');
  return new Child({ name: 'broker', args: ['-e', program], logFile }).start(() => undefined);
}

t.test('a part that does not start is told with its own error, and where its log is', async (t) => {
  const words = '{"level":50}\nWP5007 Another broker is running on this data folder. (var/broker)\nStop it.';
  await t.rejects(startOf(t.testdir(), saying(words, 1)), {
    code: 'WP5025',
    detail:
      /^broker: WP5007 Another broker is running on this data folder\. \(var\/broker\); log: .*part\.log$/,
  });
});

t.test('one that says nothing is told with how it ended, not with what an earlier one said', async (t) => {
  await t.rejects(startOf(t.testdir(), saying('Segmentation fault', 1)), {
    code: 'WP5025',
    detail: /^broker: ended with exit code 1;/,
  });
});

t.test('one that prints its line is ready', async (t) => {
  const ready = await startOf(t.testdir(), `console.log('{"ready":true,"mqtt":"x"}')`);
  t.same(ready, { ready: true, mqtt: 'x' });
});
