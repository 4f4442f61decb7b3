import t from 'tap';
import { type CheckedDevice, trialChecks } from '#agent/behaviours/trial/trial-checks.ts';

const WELL: CheckedDevice = {
  health: () => ({ lamp: 'ok', 'input:b0': 'ok', 'camera-front': 'failed', modem: 'failed' }),
  ...{ held: () => [], starting: new Set<string>(), hasVoice: true },
  ...{ store: () => null, link: () => 'up', mayBeOffline: false, camera: () => true },
};

/** What is not in order, as `name code: why`. */
const missing = (device: Partial<CheckedDevice>): string[] =>
  trialChecks({ ...WELL, ...device }).flatMap(({ name, code, weight, look }) => {
    const why = look();
    return why === null ? [] : [`${name} ${weight} ${code}: ${why}`];
  });

t.test('a device of which everything is in order misses nothing, whatever else has failed', async (t) => {
  t.same(missing({}), []);
});

t.test('each thing that is not in order has its own code', async (t) => {
  const failed = (...parts: string[]) => ({
    health: () => Object.fromEntries(parts.map((part) => [part, 'failed'])),
  });
  const cases: [string, Partial<CheckedDevice>, string[]][] = [
    ['an input', failed('input:b0'), ['inputs needed WP4215: input:b0']],
    ['a button that is down', { held: () => ['b0', 'b1'] }, ['buttons needed WP4215: down: b0, b1']],
    ['a lamp', failed('lamp'), ['outputs needed WP4216: lamp']],
    [
      'one of several',
      failed('actuator:gate', 'board:io'),
      ['outputs needed WP4216: actuator:gate, board:io'],
    ],
    ['one that starts still', { starting: new Set(['siren']) }, ['outputs needed WP4216: siren']],
    ['a voice', failed('voice'), ['outputs needed WP4216: voice']],
    ['no name that only begins alike', failed('lamplight', 'boards'), []],
    ['the store', { store: () => 'read back otherwise' }, ['store needed WP4217: read back otherwise']],
    ['the link', { link: () => 'down' }, ['link needed WP4218: down']],
    ['the camera', { camera: () => false }, ['camera wanted WP4214: no picture yet']],
  ];
  for (const [what, device, expected] of cases) t.same(missing(device), expected, what);
});

t.test('what a bundle does not have it is not given up for', async (t) => {
  t.same(missing({ hasVoice: false, health: () => ({ voice: 'failed' }) }), []);
  t.same(missing({ mayBeOffline: true, link: () => 'down' }), []);
  t.same(missing({ camera: null }), []);
});

t.test(
  'a button that is down comes before what else is missing: its wiring is looked at first',
  async (t) => {
    const [first] = missing({ held: () => ['b0'], starting: new Set(['lamp']), link: () => 'down' });
    t.equal(first, 'buttons needed WP4215: down: b0');
  },
);
