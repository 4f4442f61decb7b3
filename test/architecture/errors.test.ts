import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { ERRORS, isErrorCode, WatchpostError } from '#contract/errors.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sourceTexts(): [string, string][] {
  return ['contract', 'agent', 'broker', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$|^(up|test|watchpost|setup)$|\.sh$/.test(name) && !name.includes('generated'))
      .filter((name) => !/^contract\/errors\b/.test(join(folder, name)))
      .map((name): [string, string] => [join(folder, name), readFileSync(join(root, folder, name), 'utf8')]),
  );
}

const used = new Map<string, string>();
for (const [file, text] of sourceTexts()) {
  for (const [code] of text.matchAll(/\bWP\d{4}\b/g)) if (!used.has(code)) used.set(code, file);
}

t.test('every code that the sources name is in the catalogue', async (t) => {
  t.ok(used.size > 5);
  for (const [code, file] of used) t.ok(isErrorCode(code), `${code} in ${file}`);
});

t.test('every code of the catalogue is used somewhere', async (t) => {
  for (const code of Object.keys(ERRORS)) t.ok(used.has(code), code);
});

t.test('docs/errors.md lists every code with its message and hint, and no other', async (t) => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  for (const [code, { message, hint }] of Object.entries(ERRORS)) {
    t.ok(
      page.includes(`| ${code} | ${message} | ${hint} |`),
      `${code} (node scripts/generate/errors.ts writes the page)`,
    );
  }
  for (const [code] of page.matchAll(/WP\d{4}/g)) t.ok(isErrorCode(code), code);
});

t.test('an error says its code, what and where, and keeps its cause', async (t) => {
  const cause = new RangeError('inner');
  const error = new WatchpostError('WP1002', { detail: 'topic x', cause });
  t.equal(error.message, 'WP1002 The payload is not JSON. (topic x)');
  t.equal(error.cause, cause);
  t.equal(error.hint, ERRORS.WP1002.hint);
  t.equal(isErrorCode('toString'), false);
});
