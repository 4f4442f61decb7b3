import { globSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { isRecord } from '#agent/profile/merge.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { seeded } from '#test/support/random.ts';
import { lintText } from './lint-support.ts';

const ROUNDS = 100;
/** `LINT_SEED` sees one again. */
const FIRST = Number(process.env.LINT_SEED ?? 1);

const profiles = globSync(join(ROOT, 'device-profiles/{pillars,robots,masts,doors}/*.yaml')).map((file) =>
  JSON.stringify(resolved(file, {}).profile),
);
const ODD = [
  null,
  true,
  -1,
  7,
  1e12,
  '',
  'x',
  'A99',
  'gpiochip0',
  [],
  [1],
  {},
  { driver: 'sim' },
  { driver: 7 },
];

type Pick = <T>(list: readonly T[]) => T | undefined;

/** The path of everything in it, so that what lies deep is as often spoilt as what does not. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

/** Somewhere in it one value is another, gone, there twice, or under another name. */
function spoil(root: object, pick: Pick): void {
  const path = pick(pathsOf(root)) ?? [];
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), root);
  const key = path.at(-1) ?? '';
  const change = pick(['odd', 'odd', 'odd', 'gone', 'twice', 'renamed']);
  if (Array.isArray(holder) && change !== 'odd') {
    const same: unknown = structuredClone(holder[Number(key)]);
    holder.splice(Number(key), change === 'gone' ? 1 : 0, ...(change === 'gone' ? [] : [same]));
  } else if (isRecord(holder) && change !== 'odd') {
    if (change === 'renamed') Reflect.set(holder, `${key}x`, holder[key]);
    Reflect.deleteProperty(holder, key);
  } else {
    Reflect.set(Object(holder), key, structuredClone(pick(ODD)));
  }
}

t.test(
  'whatever is wrong with a profile, it is told, with a line of the file and something to do',
  async (t) => {
    let faulty = 0;
    for (let seed = FIRST; seed < FIRST + ROUNDS; seed += 1) {
      const random = seeded(seed);
      const pick: Pick = (list) => list[random(list.length)];
      const spoilt: object = JSON.parse(pick(profiles) ?? '{}');
      for (let times = pick([1, 2, 3, 5]) ?? 1; times > 0; times -= 1) spoil(spoilt, pick);
      const text = stringify(spoilt, { aliasDuplicateObjects: false });
      try {
        const lines = text.split('\n').length;
        const problems = lintText(t, text);
        if (problems.length > 0) faulty += 1;
        for (const { line, hint, message, file } of problems) {
          const isPlaced =
            line >= 1 && line <= lines && file.endsWith('p.yaml') && hint !== '' && message !== '';
          if (!isPlaced) t.fail(`LINT_SEED=${seed}: ${file}:${line} ${message} ${hint}`);
        }
      } catch (error) {
        t.fail(`LINT_SEED=${seed} ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    t.ok(faulty > ROUNDS / 2, `${faulty} of ${ROUNDS} had problems`);
  },
);
