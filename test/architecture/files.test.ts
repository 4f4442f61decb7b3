import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(root + file));
const code = tracked.filter(
  (file) => /\.(ts|tsx|css|sh|c|mjs|js)$/.test(file) || /^scripts\/[a-z-]+$/.test(file),
);

t.test('no file passes 500 lines', async (t) => {
  t.ok(code.length > 30);
  for (const file of code) {
    const lines = readFileSync(root + file, 'utf8').split('\n').length;
    if (lines > 500) t.fail(`${file} has ${lines} lines`);
  }
});

t.test('there is no drawer for junk', async (t) => {
  t.same(
    tracked.filter((file) => /(^|\/)(utils?|helpers?|manager|common|misc)(\.|\/)/.test(file)),
    [],
  );
});

t.test('the type system is not escaped and no error is swallowed', async (t) => {
  const escapes =
    /: any\b|\bas any\b|<any>|@ts-ignore|@ts-nocheck|as unknown as|catch *(\([a-zA-Z_]*\))? *\{\s*\}/;
  for (const file of code) {
    if (!/\.tsx?$/.test(file) || file === 'test/architecture/files.test.ts') continue;
    const text = readFileSync(root + file, 'utf8');
    const found = escapes.exec(text);
    if (found !== null) t.fail(`${file}: ${found[0]}`);
  }
});
