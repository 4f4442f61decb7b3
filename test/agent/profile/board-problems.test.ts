import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { boardProblems } from '#agent/profile/board-problems.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const SITE = `siteVersion: 1
devices:
  pillar-001:
    place: { label: here }
    boards: [{ name: post, with: { driver: firmata, port: usb-Arduino_Uno_1-if00 } }]
  pillar-002:
    place: { label: there }
    boards: [{ name: gate, with: { driver: firmata, port: usb-Arduino_Uno_2-if00 } }]
`;

const on = (pin: number | string, more: object = {}) => ({ driver: 'firmata', board: 'post', pin, ...more });
const sensor = (with_: object) => ({
  ...{ name: 'battery', unit: 'V', periodS: 1, deadband: 0, atLeastEveryS: 60 },
  with: with_,
});

function problemsOf(changes: object) {
  return boardProblems({
    boards: [{ name: 'post', with: { driver: 'firmata', port: '/dev/ttyACM0' } }],
    inputs: [{ name: 'call', kind: 'button', with: on(2) }],
    sensors: [],
    lamp: on(6),
    siren: on(8),
    ...changes,
  }).map(({ code, path }) => `${code} ${path}`);
}

const sensors = (...all: object[]) => ({ sensors: DeviceProfile.shape.sensors.parse(all) });

t.test('parts on pins of their own have no problems, on two boards the same pin neither', async (t) => {
  t.same(problemsOf({}), []);
  t.same(problemsOf(sensors(sensor(on('A0', { mode: 'analog' })))), []);
  const boards = ['post', 'gate'].map((name) => ({ name, with: { driver: 'firmata' } }));
  t.same(problemsOf({ boards, siren: on(2, { board: 'gate' }) }), []);
  t.same(problemsOf({ boards: [], inputs: [], lamp: { driver: 'sim' }, siren: undefined }), []);
});

for (const [what, changes, expected] of [
  ['an unknown board', { lamp: on(6, { board: 'gate' }) }, ['WP4010 lamp.board']],
  ['no board at all', { boards: [], inputs: [], siren: undefined }, ['WP4010 lamp.board']],
  ['a pin of two parts', { siren: on(2) }, ['WP4011 siren.pin']],
  [
    'an analog pin of two parts',
    { ...sensors(sensor(on('A0', { mode: 'analog' }))), lamp: on('A0') },
    ['WP4011 lamp.pin'],
  ],
  [
    'an analog reading of a digital pin',
    sensors(sensor(on(3, { mode: 'analog' }))),
    ['WP4012 sensors[0].with.pin'],
  ],
] as const) {
  t.test(`${what} is refused where it stands`, async (t) => {
    t.same(problemsOf(changes), expected);
  });
}

t.test('pins that no board has, or that are its serial line, are refused by the driver', async (t) => {
  const { firmata } = DRIVER_SCHEMAS.lamp;
  for (const pin of [0, 1, 70, -1, 2.5, 'A16', 'D2', '']) {
    t.notOk(firmata?.safeParse(on(pin)).success, String(pin));
  }
  for (const pin of [2, 69, 'A0', 'A15']) t.ok(firmata?.safeParse(on(pin)).success, String(pin));
});

t.test('the site says where the board of a device is plugged in', async (t) => {
  const siteFile = join(t.testdir({ 'site.yaml': SITE }), 'site.yaml');
  const file = join(ROOT, 'device-profiles/pillars/arduino.yaml');
  const { profile } = resolveProfile({ file, drivers: DRIVER_SCHEMAS, siteFile, device: 'pillar-001' });
  t.match(profile.boards, [{ name: 'post', with: { port: 'usb-Arduino_Uno_1-if00' } }]);
  t.throws(
    () => resolveProfile({ file, drivers: DRIVER_SCHEMAS, siteFile, device: 'pillar-002' }),
    { code: 'WP4010' },
    'and is told when the profile needs another',
  );
});
