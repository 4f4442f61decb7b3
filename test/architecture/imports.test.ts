import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each room may import; a room is the longest of these that a path begins with. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  'agent/ports': ['contract'],
  'agent/core': ['contract', 'agent/ports'],
  'agent/link': ['contract', 'agent/ports'],
  'agent/profile': ['contract', 'agent/ports'],
  'agent/drivers': ['contract', 'agent/ports'],
  'agent/behaviours': ['contract', 'agent/ports'],
  'agent/kiosk': ['contract', 'agent/ports'],
  'agent/kiosk-page': ['contract', 'agent/ports'],
  // The vision process is a program of its own: its main wires the frame source.
  'agent/vision': ['contract', 'agent/ports'],
  'agent/vision/main.ts': ['contract', 'agent/ports', 'agent/vision', 'agent/drivers'],
  'agent/installer': ['contract', 'agent/ports', 'agent/profile'],
  agent: ['contract', 'agent'],
  'broker/persistence': ['contract'],
  'broker/auth': ['contract', 'broker/persistence'],
  'broker/incidents': ['contract', 'broker/persistence', 'broker/auth'],
  'broker/print': ['contract'],
  'broker/commissioning': [
    'contract',
    'broker/persistence',
    'broker/auth',
    'broker/incidents',
    'broker/print',
  ],
  'broker/rollout': ['contract', 'broker/persistence', 'broker/auth', 'broker/incidents'],
  'broker/server': ['contract', 'broker/persistence', 'broker/auth', 'broker/incidents'],
  'broker/api': [
    'contract',
    'broker/persistence',
    'broker/auth',
    'broker/incidents',
    'broker/server',
    'broker/rollout',
    'broker/commissioning',
    'broker/site-map',
  ],
  'broker/bridge': ['contract', 'broker/persistence'],
  'broker/console': ['contract'],
  'broker/site-map': ['contract'],
  broker: ['contract', 'broker'],
  scripts: ['contract', 'agent', 'broker', 'device-profiles', 'scripts'],
  test: ['contract', 'agent', 'broker', 'device-profiles', 'scripts', 'test'],
};
const ROOMS = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length);

const roomOf = (path: string) => ROOMS.find((room) => path === room || path.startsWith(`${room}/`));

/** Static and dynamic imports, exports from, and require calls, read by the compiler: quotes and spacing do not matter. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const workers = [...text.matchAll(/new URL\(\s*['"`](\.[^'"`]+\.tsx?)['"`]/g)].map(
    (match) => match[1] ?? '',
  );
  return [...importedFiles.map(({ fileName }) => fileName), ...workers];
}

/** The project's file that a specifier names, or null for a package or a builtin. */
function target(file: string, specifier: string): string | null {
  const [alias, ...rest] = specifier.split('/');
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  if (!alias?.startsWith('#')) return null;
  const folder = alias === '#profiles' ? 'device-profiles' : alias.slice(1);
  return [folder, ...rest].join('/');
}

function sources(): string[] {
  return ['contract', 'agent', 'broker', 'scripts', 'test', 'device-profiles'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
}

t.test('imports point one way', async (t) => {
  const files = sources();
  t.ok(files.length > 30, `${files.length} files read`);
  for (const file of files) {
    const room = roomOf(file);
    if (room === undefined) {
      t.fail(`${file} stands in no room`);
      continue;
    }
    for (const specifier of importsOf(file)) {
      const path = target(file, specifier);
      if (path === null || path.startsWith(`${room}/`)) continue;
      const allowed =
        MAY_IMPORT[room]?.some((other) => path === other || path.startsWith(`${other}/`)) ?? false;
      if (!allowed)
        t.fail(`${file} imports ${specifier}: ${room} may import ${MAY_IMPORT[room]?.join(', ')}`);
    }
  }
});

t.test('siblings under agent/drivers and agent/behaviours do not know each other', async (t) => {
  for (const file of sources()) {
    const own = /^agent\/(drivers|behaviours)\/[^/]+\//.exec(file)?.[0];
    if (own === undefined) continue;
    for (const specifier of importsOf(file)) {
      const path = target(file, specifier);
      if (path === null || path.startsWith(own) || !/^agent\/(drivers|behaviours)\//.test(path)) continue;
      t.fail(`${file} imports its sibling ${specifier}`);
    }
  }
});

t.test('the check sees through aliases, quotes, dynamic imports and re-exports', async (t) => {
  const { importedFiles } = ts.preProcessFile(
    'import "./a.ts"; export * from `x`; export { y } from "#broker/b.ts"; const c = await import(\'#agent/c.ts\');',
    true,
    true,
  );
  t.strictSame(
    importedFiles.map(({ fileName }) => fileName).filter((name) => name !== 'x'),
    ['./a.ts', '#broker/b.ts', '#agent/c.ts'],
  );
  t.equal(target('agent/link/x.ts', '../core/y.ts'), 'agent/core/y.ts');
  t.equal(target('agent/link/x.ts', '#broker/main.ts'), 'broker/main.ts');
  t.equal(target('agent/link/x.ts', 'mqtt'), null);
  t.equal(roomOf('agent/link/x.ts'), 'agent/link');
});
