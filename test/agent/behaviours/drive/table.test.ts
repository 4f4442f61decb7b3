import { readFileSync } from 'node:fs';
import t from 'tap';
import { SPEED_RULES } from '#agent/behaviours/drive/speed-rules.ts';
import { STOP_RULES } from '#agent/behaviours/drive/stop-rules.ts';
import { DriveSettings } from '#agent/ports/drive.ts';

const page = readFileSync(new URL('../../../../docs/robot-safety.md', import.meta.url), 'utf8');

/** The cells of every row under a heading, without the header. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

const rules = rowsUnder('The rules');

t.test('each rule has its row, and each row its rule', async (t) => {
  const inCode = [
    ...STOP_RULES.map(({ cause }) => cause),
    ...SPEED_RULES.map(({ name }) => name),
    'link-lost',
  ];
  t.same(rules.map(([name]) => name?.replaceAll('`', '')).sort(), [...inCode].sort());
});

t.test('each test that a row names is there, under that title', async (t) => {
  t.ok(rules.length > 10);
  for (const [name, , , test = ''] of rules) {
    const [, file = '', title = ''] = /^`([a-z-]+\.test\.ts)`: (.+)$/.exec(test) ?? [];
    t.ok(title !== '', `${name} names a test`);
    const source = readFileSync(new URL(file, import.meta.url), 'utf8');
    t.ok(source.includes(`t.test('${title}'`) || source.includes(`'${title}',\n`), `${name}: ${title}`);
  }
});

t.test('each setting is told with its default', async (t) => {
  const told = new Map<string, string>();
  for (const [keys = '', defaults = ''] of rowsUnder('Settings')) {
    const values = defaults.split(', ');
    for (const [index, key] of keys.split(', ').entries()) {
      told.set(key.replaceAll('`', ''), (values[index] ?? '').replaceAll('`', ''));
    }
  }
  const inCode = Object.entries(DriveSettings.parse({})).map(([key, value]): [string, string] => [
    key,
    Array.isArray(value) ? 'none' : String(value),
  ]);
  t.same([...told].sort(), inCode.sort());
});
