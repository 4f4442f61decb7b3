import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parse } from 'yaml';
import { SITE_KEYS } from '#agent/profile/resolve.ts';
import { profileJsonSchema } from '#scripts/generate/profile-schema.ts';
import { profileSourceSchema, siteFileSchema } from '#scripts/generate/profile-source-schema.ts';
import { lintProfile } from '#scripts/profiles/lint.ts';
import { modelIds } from '#scripts/profiles/new/models.ts';
import { ENTRY_KEYS } from '#scripts/profiles/site-file.ts';
import { resolved, sourcesOf } from '#scripts/profiles/sources.ts';
import { readVoices } from '#scripts/profiles/voice-facts.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const LIBRARY = join(ROOT, 'device-profiles');
const MODELS = ['pillars', 'robots', 'masts', 'doors'];

const filesIn = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(LIBRARY, folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(LIBRARY, folder, name)),
  );

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const isSource = ajv.compile(profileSourceSchema());
const isResolved = ajv.compile(profileJsonSchema());
const isSite = ajv.compile(siteFileSchema());
const yamlOf = (file: string): unknown => parse(readFileSync(file, 'utf8'));

t.test('the library has every kind, and no profile of it has an error or a warning', async (t) => {
  const voices = await readVoices({});
  const files = filesIn(MODELS);
  t.ok(files.length >= 16, `${files.length} profiles`);
  for (const file of files) t.same(lintProfile(sourcesOf(file, {}), voices), [], file);
  const kinds = files.map((file) => resolved(file, {}).profile.kind);
  t.same([...new Set(kinds)].sort(), ['door', 'mast', 'pillar', 'robot']);
  const robots = files.filter((file) => file.includes('/robots/'));
  t.ok(robots.length >= 6, 'six classes of robots');
});

t.test('every profile is laid over a template, and is not another one with its name changed', async (t) => {
  const seen = new Map<string, string>();
  for (const file of filesIn(MODELS)) {
    t.match(yamlOf(file), { extends: /(templates\/[a-z-]+|^[a-z-]+)\.yaml$/ }, file);
    const { name: _name, description: _description, ...rest } = resolved(file, {}).profile;
    const twin = seen.get(JSON.stringify(rest));
    t.equal(twin, undefined, `${file} is ${twin}`);
    seen.set(JSON.stringify(rest), file);
  }
});

t.test(
  'editors find every file of the library in order, by the schema that its first line names',
  async (t) => {
    for (const file of filesIn(['templates', ...MODELS])) {
      t.ok(isSource(yamlOf(file)), `${file} ${JSON.stringify(isSource.errors?.slice(0, 2))}`);
      const [first] = readFileSync(file, 'utf8').split('\n');
      t.equal(first, '# yaml-language-server: $schema=../schema/profile-source.schema.json', file);
    }
    for (const file of filesIn(['sites'])) {
      t.ok(isSite(yamlOf(file)), `${file} ${JSON.stringify(isSite.errors?.slice(0, 2))}`);
      t.match(
        readFileSync(file, 'utf8'),
        /^# yaml-language-server: \$schema=\.\.\/schema\/site\.schema\.json\n/,
      );
    }
  },
);

t.test('what resolves is in order by the schema of resolved profiles', async (t) => {
  for (const file of filesIn(MODELS))
    t.ok(isResolved(JSON.parse(JSON.stringify(resolved(file, {}).profile))), file);
});

t.test('editors show what is wrong: keys, values, and keys of another driver', async (t) => {
  const wrong = [
    { suprevisionS: 60 },
    { supervisionS: 1 },
    { lamp: { driver: 'gpio', chip: 'c', pin: 4 } },
    { lamp: { driver: 'neon' } },
    { inputs: [{ name: 'a', kind: 'button', with: { driver: 'gpio', line: 4 } }] },
    { camera: { zones: [{ name: 'a', kind: 'watch', polygon: [[0, 0]] }] } },
    { sensors: [{ name: 'a' }] },
    { extends: 7 },
    { place: null, languages: [] },
  ];
  for (const source of wrong) t.notOk(isSource(source), JSON.stringify(source));
  const right = [
    { extends: 'x.yaml' },
    { siren: null, panic: { sirenMaxS: 30 } },
    { camera: { with: { source: 'test://' } } },
    { sign: { ja: null } },
  ];
  for (const source of right)
    t.ok(isSource(source), `${JSON.stringify(source)} ${JSON.stringify(isSource.errors)}`);
  t.notOk(isSite({ siteVersion: 1, devices: { a: { inputs: [] } } }), 'inputs are not for a site');
  t.notOk(isSite({ siteVersion: 1, devices: {}, law: { days: 3 } }));
  t.ok(isSite({ siteVersion: 1, devices: { a: { camera: { dwellS: 15 } } } }));
});

t.test('editors show the comment that stands beside a key in the source', async (t) => {
  const text = JSON.stringify(profileSourceSchema());
  const comments = text.match(/"description":"/g) ?? [];
  t.ok(comments.length > 80, `${comments.length} comments`);
  t.match(text, '"description":"The site raises a fault after this much silence."', 'of the profile');
  t.match(text, '"description":"Above the floor, metres."', 'of what it imports');
  t.match(text, '"description":"Pressed is 0 V."', 'of a driver');
  t.match(text, '"description":"The label of the chip (`pinctrl-bcm2711`)', 'of what is spread into one');
});

t.test('the schema of site files has the keys that resolving lets a site set', async (t) => {
  t.same([...ENTRY_KEYS].sort(), [...SITE_KEYS].sort());
});

t.test('docs/profiles.md lists every model of the library', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/profiles.md'), 'utf8');
  for (const id of modelIds()) t.ok(page.includes(`\`${id}\``), id);
});
