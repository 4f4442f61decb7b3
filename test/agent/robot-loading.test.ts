import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Files of the project that are loaded with this one, whatever the device: types and `import()` bring nothing. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:im|ex)port (?!type )[^;]*?from '([^']+)';/gm)) {
    if (specifier.startsWith('.')) loadedWith(normalize(join(dirname(file), specifier)), seen);
    else if (specifier.startsWith('#')) loadedWith(specifier.slice(1), seen);
  }
  return seen;
}

/** What only wheels need. */
const WHEELS = [
  /^agent\/behaviours\/drive\//,
  /^agent\/robot-wiring\.ts$/,
  /^agent\/drivers\/sim\/(base|body|hall|steering|robot-orders|place-error|chance)\.ts$/,
  /^contract\/site-map\//,
];

t.test('a device without wheels loads nothing of what moves a robot', async (t) => {
  const loaded = [...loadedWith('agent/main.ts'), ...loadedWith('agent/drivers/sim/makers.ts')];
  t.ok(loaded.length > 50, `${loaded.length} files`);
  t.same(
    loaded.filter((file) => WHEELS.some((pattern) => pattern.test(file))),
    [],
  );
  const robot = loadedWith('agent/robot-wiring.ts');
  t.ok(robot.has('agent/behaviours/drive/stop-rules.ts'), 'and the check would see it');
});

t.test('what holds a robot knows neither links, nor messages, nor commands', async (t) => {
  const files = globSync('agent/behaviours/drive/*.ts', { cwd: root });
  t.ok(files.length > 8);
  const network = /from '[^']*\/(link|traffic|down-content|messages|topics|fetch|http|commands\/[^']*)\.ts'/;
  for (const file of files) t.notMatch(readFileSync(join(root, file), 'utf8'), network, file);
  t.match(readFileSync(join(root, 'agent/robot-wiring.ts'), 'utf8'), network, 'and the check would see it');
});
