import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';

const dir = mkdtempSync(join(tmpdir(), 'watchpost-console-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

t.test('the page is bundled once and again only when something changed', async (t) => {
  t.equal((await buildConsole(dir)).outcome, 'built');
  t.equal((await buildConsole(dir)).outcome, 'current');
  const page = readFileSync(join(dir, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path ?? '');
  t.equal(named.length, 3, 'script, style, icon');
  for (const path of named) t.ok(existsSync(join(dir, path)), path);
  t.notMatch(
    page,
    /<script(?![^>]* src=)|<style| style=|https?:\/\//,
    'nothing inline and nothing from elsewhere',
  );
});

t.test('what an earlier build left is swept away after the new page is in place', async (t) => {
  writeFileSync(join(dir, '.inputs'), 'of an earlier build');
  writeFileSync(join(dir, 'assets', 'console-OLD.js'), '');
  t.equal((await buildConsole(dir)).outcome, 'built');
  t.notOk(readdirSync(join(dir, 'assets')).includes('console-OLD.js'));
});
