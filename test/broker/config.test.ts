import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DEFAULT_CONFIG, looseEnds, readConfig, siteMapFolder } from '#broker/config.ts';
import { DEFAULT_ESCALATION } from '#broker/incidents/escalation-table.ts';
import { WatchpostError } from '#contract/errors.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

function fileWith(folder: string, text: string): string {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text);
  return file;
}

function refusal(file: string): string {
  try {
    readConfig(file);
    return 'accepted';
  } catch (error) {
    if (error instanceof WatchpostError) return error.message;
    throw error;
  }
}

t.test('an empty file is the default: the 1-3-5 circle and the three kinds of rule', async (t) => {
  const config = readConfig(fileWith(temporaryFolder(t), '# nothing yet\n'));
  t.same(config, DEFAULT_CONFIG);
  t.same(
    config.escalation.map(({ afterS }) => afterS),
    [0, 60, 180, 300],
  );
  t.same(config.escalation, DEFAULT_ESCALATION);
});

t.test('YAML and JSON are read, with the secret from a file beside it', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'guards.secret'), 'sixteen characters\n');
  const text =
    'notifiers:\n  - {kind: webhook, name: guards, url: "https://g.example/hook", secretFile: guards.secret}\n';
  const config = readConfig(fileWith(folder, text));
  t.match(config.notifiers, [{ name: 'guards', secret: 'sixteen characters', timeoutS: 10 }]);
  t.same(looseEnds(config), { unused: [], unknown: ['neighbours', 'centre'] });
  t.equal(readConfig(fileWith(folder, '{"retention": {"eventsDays": 7}}')).retention.evidenceDays, 30);
});

t.test('each mistake is named with file, line, path and what would be right', async (t) => {
  const folder = temporaryFolder(t);
  const hook = 'kind: webhook, name: a, url: "https://g.example"';
  const cases: [string, RegExp][] = [
    ['colour: red\n', /site\.yaml:1: \(root\): .*colour/],
    ['retention:\n  eventsDays: 0\n', /site\.yaml:2: retention\.eventsDays: /],
    ['rules:\n  - type: panic\n', /site\.yaml:2: rules\.0\.type: /],
    [`notifiers:\n  - {${hook}}\n`, /site\.yaml:2: notifiers\.0: give either secret or secretFile/],
    [`notifiers:\n  - {${hook}, secret: short}\n`, /notifiers\.0\.secret: /],
    ['people:\n  - {name: guard-1, role: dispatcher}\n', /people\.0: give a password or a tokenSha256/],
    ['people:\n  - {name: site, role: dispatcher}\n', /people\.0\.name: this name is the broker’s own/],
    ['people:\n  - {name: guard-1, role: dispatcher, password: secret}\n', /people\.0\.password: use scrypt/],
    ['escalation:\n  - {name: a, afterS: 9}\n  - {name: b, afterS: 1}\n', /escalation: afterS must not go/],
    ['retention: [\n', /site\.yaml:\d+: /],
    ['retention: {}\nretention: {}\n', /site\.yaml:2: .*unique/],
  ];
  for (const [text, says] of cases) t.match(refusal(fileWith(folder, text)), says);
  const twice = `notifiers:\n  - {${hook}, secret: 0123456789abcdef}\n  - {${hook}, secret: 0123456789abcdef}\n`;
  t.match(refusal(fileWith(folder, twice)), /site\.yaml:3: notifiers\.1\.name: a is named twice/);
});

t.test('a file or a secret that is not there is named', async (t) => {
  const folder = temporaryFolder(t);
  t.match(refusal(join(folder, 'none.yaml')), /^WP5002 .*none\.yaml/);
  const text = 'notifiers:\n  - {kind: webhook, name: g, url: "https://g.example", secretFile: gone}\n';
  t.match(refusal(fileWith(folder, text)), /^WP5002 .*notifiers\.0\.secretFile.*gone/);
});

t.test('the page about the configuration shows a file that is accepted and is the default', async (t) => {
  const page = readFileSync(new URL('../../docs/site-configuration.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'guards.secret'), 'sixteen characters');
  const filled = shown
    .replace('64 hexadecimal digits', `'${'a'.repeat(64)}'`)
    .replace('$…', `$${'s'.repeat(22)}$${'h'.repeat(43)}`);
  const { rules, escalation, supervision, retention, durability } = readConfig(fileWith(folder, filled));
  const shownDefaults = { rules, escalation, supervision, retention, durability };
  t.same({ ...DEFAULT_CONFIG, ...shownDefaults }, DEFAULT_CONFIG);
});

t.test('the map of a site lies in the data folder, or where the configuration names it', async (t) => {
  const dir = temporaryFolder(t);
  const at = (text: string) => {
    const config = fileWith(dir, text);
    return siteMapFolder({ data: '/data', config }, readConfig(config));
  };
  t.equal(siteMapFolder({ data: '/data', config: null }, DEFAULT_CONFIG), '/data/maps');
  t.equal(at('siteMap: {}'), '/data/maps');
  t.equal(at('siteMap: { folder: plans }'), join(dir, 'plans'));
  t.equal(at('siteMap: { folder: /srv/plans }'), '/srv/plans');
  t.match(refusal(fileWith(dir, 'siteMap: { dir: plans }')), /siteMap: Unrecognized key/);
});
