import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';
import { GOOD, lintText } from './lint-support.ts';

const found = (problems: ReturnType<typeof lintText>): [number, string, string][] =>
  problems.map(({ line, code, path }) => [line, code, path]);

t.test(
  'faults of shape and of data, of agent and of lint, are told in one run, in the order of lines',
  async (t) => {
    const text = `${GOOD.replace('supervisionS: 60', 'suprevisionS: 60')
      .replace('lamp: { driver: sim }', 'lamp: { driver: neon }')
      .replace('panic: { siren: false }', 'panic: { siren: "no" }')
      .replace('[en]', '[en, sv]')}sensors:
  - { name: a, unit: V, periodS: 10, deadband: 1, atLeastEveryS: 5, with: { driver: sim, volts: 3 } }
  - { name: a, unit: V, periodS: ten, deadband: 1, atLeastEveryS: 300, with: { driver: sim } }
  - { name: b, unit: V, periodS: 10, deadband: 1, atLeastEveryS: 5, with: { driver: sim } }
`;
    t.same(found(lintText(t, text)), [
      [1, 'WP4003', 'supervisionS'],
      [6, 'WP4043', 'languages[1]'],
      [7, 'WP4003', 'suprevisionS'],
      [10, 'WP4007', 'lamp.driver'],
      [12, 'WP4003', 'panic.siren'],
      [14, 'WP4051', 'sign'],
      [16, 'WP4008', 'sensors[0].with.volts'],
      [16, 'WP4046', 'sensors[0].atLeastEveryS'],
      [16, 'WP4052', 'sensors[0]'],
      [17, 'WP4003', 'sensors[1].periodS'],
      [18, 'WP4046', 'sensors[2].atLeastEveryS'],
      [18, 'WP4052', 'sensors[2]'],
    ]);
  },
);

t.test('a part whose driver refuses its keys keeps no rule from looking at the others', async (t) => {
  const sensor = (name: string, channel: string) =>
    `  - { name: ${name}, unit: V, periodS: 10, deadband: 1, atLeastEveryS: 5, with: { driver: hwmon, device: x, channel: ${channel} } }\n`;
  const found = lintText(t, `${GOOD}sensors:\n${sensor('a', '7')}${sensor('b', 'temp1')}`);
  const codes = (line: number) => found.filter((each) => each.line === line).map(({ code }) => code);
  t.same(codes(16).sort(), ['WP4008', 'WP4046', 'WP4052']);
  t.same(codes(17).sort(), ['WP4046', 'WP4052', 'WP4056']);
});

t.test('what a broken part would be needed for is not judged', async (t) => {
  const text = `${GOOD}boards: [{ name: b, with: { port: /dev/ttyACM0 } }]
siren: { driver: firmata, board: b, pin: 3 }
`;
  t.same(found(lintText(t, text)), [[15, 'WP4003', 'boards[0].with.driver']], 'not that there is no board b');
});

t.test('entries behind a broken one are named as the file has them, in messages too', async (t) => {
  const line = (name: string, more: string) =>
    `  - { name: ${name}, kind: tamper${more}, with: { driver: gpio, chip: c, line: 4 } }\n`;
  const text = GOOD.replace('lamp: ', `${line('x', 'y')}${line('one', '')}${line('two', '')}lamp: `);
  const [shape, twice] = lintText(t, text);
  t.match(shape, { line: 10, path: 'inputs[1].kind' });
  t.match(twice, {
    code: 'WP4015',
    line: 12,
    path: 'inputs[3].with.line',
    message: /which inputs\[2\]\.with has/,
  });
});

t.test('a profile that has nothing right is told about all the same', async (t) => {
  for (const text of ['a: 1\n', 'inputs: 7\nlanguages: {}\nsensors: [1, 2]\n', '[1]\n', '\n', 'a: [1\n']) {
    const problems = lintText(t, text);
    t.ok(problems.length > 0, JSON.stringify(text));
    t.ok(problems.every(({ hint, severity }) => hint !== '' && severity === 'error'));
  }
});

t.test('a misspelt key is told with the one that was meant', async (t) => {
  const hintOf = (text: string) =>
    lintText(t, text).find(({ message }) => message.includes('not a key'))?.hint;
  t.equal(hintOf(`${GOOD}guidence: {}\n`), 'did you mean guidance?');
  t.equal(hintOf(GOOD.replace('evidenceDays', 'evidencedays')), 'did you mean evidenceDays?');
  t.match(hintOf(`${GOOD}journal: { qqq: 1 }\n`), /the keys here are maxBytes, ballastBytes/);
});

t.test('the site file is looked at beside the entry of the device', async (t) => {
  const site = `siteVersion: 1
lawe: {}
law: { evidenceDayMax: 3 }
devices:
  d: { place: { label: x } }
`;
  t.match(
    lintText(t, GOOD, { site }).filter(({ code }) => code === 'WP4049'),
    [
      { file: /site\.yaml$/, line: 2, path: 'lawe', hint: 'did you mean law?' },
      { line: 3, path: 'law.evidenceDayMax', hint: 'did you mean evidenceDaysMax?' },
    ],
  );
});

t.test('a site file that cannot be laid over it hides nothing of the profile', async (t) => {
  const text = GOOD.replace('siren: false', 'siren: true');
  const problems = lintText(t, text, { site: 'siteVersion: 1\nlawe: 1\ndevices:\n  d: { inputs: [] }\n' });
  t.match(problems, [
    { code: 'WP4059', line: 12, file: /p\.yaml$/ },
    { code: 'WP4049', line: 2, file: /site\.yaml$/ },
    { code: 'WP4006', line: 4, path: 'devices.d.inputs' },
  ]);
  const unread = lintText(t, text, { site: 'siteVersion: [1\n' });
  t.match(unread, [{ code: 'WP4059' }, { code: 'WP4002', file: /site\.yaml$/ }]);
  t.equal(unread.length, 2, 'each once');
});

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'profile', ...args], { encoding: 'utf8' });

t.test('the command exits 1 on errors and 0 on warnings, and has a line of JSON a problem', async (t) => {
  const dir = t.testdir();
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const warned = write('q.yaml', GOOD);
  const wrong = write('p.yaml', GOOD.replace('siren: false', 'siren: true'));
  const both = cli('lint', warned, wrong);
  t.equal(both.status, 1);
  t.match(both.stdout, /q\.yaml:2 warning WP4055\n {2}name is p in a file q\n {2}→ write name: q\n/);
  t.match(both.stdout, /p\.yaml:12 error WP4059\n/);
  t.match(both.stdout, /\n1 error, 1 warning in 2 profiles\n$/);
  t.equal(cli('lint', warned).status, 0, 'a warning alone');
  const lines = cli('lint', '--json', warned, wrong).stdout.trim().split('\n');
  t.match(
    lines.map((line) => JSON.parse(line)),
    [
      {
        code: 'WP4055',
        severity: 'warning',
        file: warned,
        line: 2,
        path: 'name',
        message: String,
        hint: String,
      },
      { code: 'WP4059', severity: 'error', line: 12 },
    ],
  );
});

t.test('with the folder of a device its clips are looked at', async (t) => {
  const dir = t.testdir({ voice: { 'manifest.json': '{"manifestVersion":1,"prompts":[]}' } });
  const file = join(dir, 'p.yaml');
  writeFileSync(file, GOOD);
  const { status, stdout } = cli('lint', '--voice', dir, file);
  t.equal(status, 1);
  t.match(stdout, /WP4045\n {2}languages\[0\] the device’s folder has no clip in en of alarm\.pressed/);
  t.throws(() =>
    execFileSync(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'profile', 'lint'], { stdio: 'pipe' }),
  );
});
