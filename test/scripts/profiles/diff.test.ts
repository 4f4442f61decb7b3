import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { profileJsonSchema } from '#scripts/generate/profile-schema.ts';
import { profileChanges } from '#scripts/profiles/diff/diff.ts';
import { WORDS } from '#scripts/profiles/diff/words.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { GOOD } from './lint-support.ts';

function profile(t: Test, text: string): DeviceProfile {
  const file = join(t.testdir(), 'p.yaml');
  writeFileSync(file, text);
  return resolved(file, {}).profile;
}

const said = (t: Test, before: string, after: string): string[] =>
  profileChanges(profile(t, before), profile(t, after)).map(({ says }) => says);

const BUTTON = '  - { name: button, kind: button, with: { driver: sim } }\n';
const SENSOR = `sensors:
  - name: battery
    unit: V
    periodS: 10
    deadband: 0.1
    atLeastEveryS: 300
    thresholds: [{ direction: below, limit: 11.5, clear: 12 }]
    with: { driver: hwmon, device: ina226, channel: in1 }
`;

const cases: [what: string, before: string, after: string, says: string[]][] = [
  ['nothing', GOOD, `# a comment\n${GOOD}`, []],
  ['a key that says what the default is', GOOD, `${GOOD}testEveryH: 24\n`, []],
  [
    'supervision',
    GOOD,
    GOOD.replace('supervisionS: 60', 'supervisionS: 180'),
    ['The site tells it as lost after 3 min of silence instead of 1 min.'],
  ],
  [
    'languages that come and go',
    GOOD,
    GOOD.replace('[en]', '[zh-CN, ja]'),
    ['It also speaks zh-CN and ja. It no longer speaks en.'],
  ],
  [
    'the order of languages',
    GOOD.replace('[en]', '[en, ja]'),
    GOOD.replace('[en]', '[ja, en]'),
    ['It speaks in another order: ja, en.'],
  ],
  [
    'a siren',
    GOOD,
    `${GOOD.replace('siren: false', 'siren: true')}siren: { driver: gpio, chip: pinctrl-bcm2711, line: 23 }\n`,
    ['A press sounds the siren.', 'The siren is new: it hangs on line 23 of pinctrl-bcm2711.'],
  ],
  [
    'an input that is wired otherwise',
    GOOD,
    GOOD.replace(BUTTON, BUTTON.replace('driver: sim', 'driver: gpio, chip: c, line: 4, activeLow: true')),
    ['Input button (button) hangs on line 4 of c (activeLow true); until now simulated.'],
  ],
  [
    'an input that moves down the list as another comes',
    GOOD,
    GOOD.replace(BUTTON, `  - { name: case, kind: tamper, with: { driver: sim } }\n${BUTTON}`),
    ['Input case (tamper) is new: it is simulated.'],
  ],
  [
    'an input that raises other alarms',
    GOOD,
    GOOD.replace('kind: button', 'kind: duress'),
    ['button is a duress input, no longer button: it raises other alarms.'],
  ],
  [
    'a sensor that comes',
    GOOD,
    GOOD + SENSOR,
    [
      'Sensor battery is new: it hangs on hwmon (device ina226, channel in1).',
      'battery is told below 11.5 V (over at 12).',
    ],
  ],
  ['a sensor that goes', GOOD + SENSOR, GOOD, ['No longer a sensor: battery.']],
  [
    'another threshold',
    GOOD + SENSOR,
    GOOD + SENSOR.replace('limit: 11.5', 'limit: 11').replace('periodS: 10', 'periodS: 60'),
    [
      'battery is told below 11 V (over at 12); until now below 11.5 V (over at 12).',
      'battery is read every 1 min instead of 10 s.',
    ],
  ],
  [
    'what has no words of its own',
    GOOD,
    `${GOOD}guidance: { idleS: 60 }\n`,
    ['guidance.idleS: nothing → 60'],
  ],
  [
    'how long things are kept',
    GOOD,
    GOOD.replace('evidenceDays: 7', 'evidenceDays: 1'),
    ['Pictures are kept on the device for 1 day instead of 7 days.'],
  ],
];

for (const [what, before, after, says] of cases) {
  t.test(`in words: ${what}`, async (t) => t.same(said(t, before, after), says));
}

t.test(
  'what is taken away is told as well as what comes: no change is silent in one direction',
  async (t) => {
    const after = `${GOOD}${SENSOR}siren: { driver: sim }\nemergencyNumber: "112"\n`;
    const [forth, back] = [said(t, GOOD, after), said(t, after, GOOD)];
    t.match(forth.join(' '), /call 112 instead of 110.*siren is new/);
    t.match(back.join(' '), /call 110 instead of 112.*siren is taken away.*No longer a sensor/);
  },
);

t.test('every path that has words is one that profiles have', async (t) => {
  for (const [path] of WORDS) {
    const found = path.split(/\.|(?=\[\])/).reduce<unknown>((at, key) => {
      const { properties, items } = Object(at);
      return key === '[]' ? items : Object(properties)[key];
    }, profileJsonSchema());
    t.not(found, undefined, path);
  }
  t.equal(new Set(WORDS.map(([path]) => path)).size, WORDS.length, 'each once');
});

t.test(
  'the command says it, or a line of JSON a change; a profile.json of a device is taken as it is',
  async (t) => {
    const dir = t.testdir();
    const [before, after] = [join(dir, 'profile.json'), join(dir, 'p.yaml')];
    writeFileSync(before, JSON.stringify(profile(t, GOOD)));
    writeFileSync(after, GOOD.replace('supervisionS: 60', 'supervisionS: 90').replace(/^place.*\n/m, ''));
    const site = join(dir, 'site.yaml');
    writeFileSync(
      site,
      'siteVersion: 1\ndevices: { d: { place: { label: there, latitude: 1, longitude: 2 } } }\n',
    );
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'profile', 'diff', ...args], {
        encoding: 'utf8',
      });
    const options = ['--site-file', site, '--device', 'd'];
    const { stdout, status } = run(...options, before, after);
    t.equal(status, 0);
    t.equal(
      stdout,
      '- The site tells it as lost after 90 s of silence instead of 1 min.\n- Its alarms come from “there” instead of here.\n2 changes.\n',
    );
    const [line = ''] = run('--json', ...options, before, after).stdout.split('\n');
    t.match(JSON.parse(line), { path: 'supervisionS', was: 60, is: 90, says: /as lost/ });
    t.equal(run(before, before).stdout, 'Nothing changes on the device.\n');
  },
);
