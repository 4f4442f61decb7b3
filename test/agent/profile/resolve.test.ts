import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { ProfileError } from '#agent/profile/problem.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { seeded } from '#test/support/random.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';

const library = fileURLToPath(new URL('../../../device-profiles/', import.meta.url));
const DEMO = { siteFile: `${library}sites/demo.yaml`, drivers: DRIVER_SCHEMAS };

/** Writes files below a fresh folder and answers its path. */
function folder(t: Test, files: Record<string, string>): string {
  const dir = t.testdir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** The first problem that resolving the profile meets. */
function problemOf(request: Parameters<typeof resolveProfile>[0]) {
  try {
    resolveProfile(request);
  } catch (error) {
    if (error instanceof ProfileError) return error.problems[0];
    throw error;
  }
  return undefined;
}

t.test('the roadside pillar and the mall robot resolve with the demo site', async (t) => {
  const pillar = resolveProfile({ ...DEMO, file: `${library}pillars/roadside.yaml`, device: 'pillar-001' });
  t.equal(pillar.profile.kind, 'pillar');
  t.equal(pillar.profile.place.latitude, 31.2304);
  t.equal(pillar.profile.panic.siren, true, 'the template’s word over its own template');
  t.match(pillar.origins.get('place.label'), { file: DEMO.siteFile });
  t.match(pillar.origins.get('panic.siren'), { file: `${library}templates/pillar.yaml` });
  const robot = resolveProfile({ ...DEMO, file: `${library}robots/mall-patrol.yaml`, device: 'robot-001' });
  t.equal(robot.profile.camera?.dwellS, 15, 'the site’s word over the profile’s');
  t.equal(robot.profile.camera?.width, 320, 'the rest of the camera stays the template’s');
});

t.test('a profile needs no template and no site file when it says all itself', async (t) => {
  const dir = folder(t, { 'p.yaml': TINY_PROFILE });
  const { profile } = resolveProfile({ file: join(dir, 'p.yaml'), drivers: DRIVER_SCHEMAS });
  t.equal(profile.link.window, 20, 'defaults are filled in');
});

const wrong: [string, string, object][] = [
  ['a misspelt key', `${TINY_PROFILE}sirenn: 1\n`, { code: 'WP4003', line: 14, path: 'sirenn' }],
  [
    'a value out of range',
    TINY_PROFILE.replace('supervisionS: 60', 'supervisionS: 1'),
    { line: 7, path: 'supervisionS' },
  ],
  [
    'a missing key',
    TINY_PROFILE.replace('lamp: { driver: sim }\n', ''),
    { path: 'lamp', message: 'is missing' },
  ],
  ['YAML that is none', `${TINY_PROFILE}a: [1\n`, { code: 'WP4002' }],
  ['a key given twice', `${TINY_PROFILE}name: again\n`, { code: 'WP4002', line: 14 }],
  [
    'an alias',
    TINY_PROFILE.replace('[en]', '&l [en]').replace('description: smallest', 'description: *l'),
    { code: 'WP4002' },
  ],
  [
    'an unknown driver',
    TINY_PROFILE.replace('lamp: { driver: sim }', 'lamp: { driver: neon }'),
    { code: 'WP4007', line: 10 },
  ],
  [
    'a driver’s unknown key',
    TINY_PROFILE.replace('lamp: { driver: sim }', 'lamp: { driver: sim, pin: 4 }'),
    { code: 'WP4008' },
  ],
  [
    'two inputs of one name',
    TINY_PROFILE.replace('lamp:', '  - { name: button, kind: tamper, with: { driver: sim } }\nlamp:'),
    { code: 'WP4009', line: 10, path: 'inputs[1].name' },
  ],
  ['a list for a profile', '- 1\n', { code: 'WP4003' }],
  ['an empty file', '', { code: 'WP4003' }],
  ['itself extended', `extends: p.yaml\n${TINY_PROFILE}`, { code: 'WP4004', line: 1 }],
  ['a template that is not there', `extends: none.yaml\n${TINY_PROFILE}`, { code: 'WP4001' }],
  [
    'a threshold that cannot come back',
    `${TINY_PROFILE}sensors:\n  - name: heat\n    unit: Cel\n    periodS: 1\n    deadband: 0\n    atLeastEveryS: 60\n    thresholds:\n      - { direction: above, limit: 5, clear: 9 }\n    with: { driver: sim }\n`,
    { code: 'WP4009', line: 21, path: 'sensors[0].thresholds[0].clear' },
  ],
];

for (const [what, text, expected] of wrong) {
  t.test(`${what} is refused with file, line, path and what would be right`, async (t) => {
    const file = join(folder(t, { 'p.yaml': text }), 'p.yaml');
    const problem = problemOf({ file, drivers: DRIVER_SCHEMAS });
    t.match(problem, expected);
    t.ok((problem?.hint.length ?? 0) > 5, problem?.hint ?? 'no problem found');
  });
}

t.test('a site file is refused with what would be right', async (t) => {
  const site = (text: string) => join(folder(t, { 'p.yaml': TINY_PROFILE, 's.yaml': text }), 's.yaml');
  const request = (text: string) => {
    const siteFile = site(text);
    return { file: join(siteFile, '../p.yaml'), siteFile, device: 'a', drivers: DRIVER_SCHEMAS };
  };
  t.match(problemOf(request('devices: {}\n')), { code: 'WP4006', path: 'siteVersion' });
  t.match(problemOf(request('siteVersion: 1\ndevices: { b: {} }\n')), {
    code: 'WP4006',
    hint: /use one of: b/,
  });
  const { device: _, ...unnamed } = request('siteVersion: 1\ndevices: { b: {} }\n');
  t.match(problemOf(unnamed), { code: 'WP4006', message: 'is asked for no device', hint: 'name one of: b' });
  t.match(problemOf(request('siteVersion: 1\ndevices:\n  a:\n    lamp: { driver: sim }\n')), {
    line: 4,
    path: 'devices.a.lamp',
  });
});

t.test('the numbers to call belong to the place, and a site sets them', async (t) => {
  const numbers = 'emergencyNumber: "112", medicalNumber: "15"';
  const dir = folder(t, {
    'p.yaml': TINY_PROFILE,
    's.yaml': `siteVersion: 1\ndevices: { a: { ${numbers} } }\n`,
  });
  const { profile } = resolveProfile({
    ...{ file: join(dir, 'p.yaml'), siteFile: join(dir, 's.yaml'), device: 'a' },
    drivers: DRIVER_SCHEMAS,
  });
  t.match(profile, { emergencyNumber: '112', medicalNumber: '15' });
});

t.test('random bytes and broken profiles are refused with a code, never otherwise (seed 7)', async (t) => {
  const random = seeded(7);
  const dir = t.testdir();
  let refused = 0;
  for (let i = 0; i < 400; i += 1) {
    const bytes = Buffer.from(TINY_PROFILE);
    for (let k = 0; k <= random(4); k += 1) bytes[random(bytes.length)] = random(256);
    writeFileSync(join(dir, 'p.yaml'), bytes);
    if (problemOf({ file: join(dir, 'p.yaml'), drivers: DRIVER_SCHEMAS }) !== undefined) refused += 1;
  }
  t.ok(refused > 100, `${refused} of 400 were refused`);
});
