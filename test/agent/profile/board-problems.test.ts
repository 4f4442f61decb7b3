import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { boardProblems } from '#agent/profile/board-problems.ts';
import { builtOver, driverUses } from '#agent/profile/driver-uses.ts';
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

const supervised = (sensor: object) => ({
  ...{ name: 'call', kind: 'button' },
  with: { driver: 'supervised', reads: 'ohm', normalOhm: 4700, pressedOhm: 2350, sensor },
});
const servo = (pin: number, board = 'post') => ({
  ...{ name: 'barrier', positions: { open: 90, closed: 0 }, rest: 'closed' },
  with: on(pin, { board }),
});

function problemsOf(changes: object) {
  const profile = {
    boards: [{ name: 'post', with: { driver: 'firmata', port: '/dev/ttyACM0' } }],
    inputs: [{ name: 'call', kind: 'button' as const, with: on(2) }],
    sensors: [],
    lamp: on(6),
    siren: on(8),
    speaker: { driver: 'wav' },
    actuators: [],
    base: undefined,
    camera: undefined,
    ...changes,
  };
  const uses = driverUses(profile);
  return boardProblems(profile.boards, [...uses, ...uses.flatMap(builtOver)]).map(
    ({ code, path }) => `${code} ${path}`,
  );
}

const sensors = (...all: object[]) => ({ sensors: DeviceProfile.shape.sensors.parse(all) });

t.test('parts on pins of their own have no problems, on two boards the same pin neither', async (t) => {
  t.same(problemsOf({}), []);
  t.same(problemsOf(sensors(sensor(on('A0', { mode: 'analog' })))), []);
  const boards = ['post', 'gate'].map((name) => ({ name, with: { driver: 'firmata' } }));
  t.same(problemsOf({ boards, siren: on(2, { board: 'gate' }) }), []);
  t.same(problemsOf({ actuators: [servo(9)], lamp: on(11) }), [], 'a lamp of another timer beside a servo');
  t.same(problemsOf({ boards, actuators: [servo(3, 'gate')], lamp: on(9) }), [], 'a servo on another board');
  const mega = [{ name: 'post', with: { driver: 'firmata', model: 'mega' } }];
  t.same(problemsOf({ boards: mega, actuators: [servo(3)], lamp: on(9) }), [], 'a Mega has another timer');
  t.same(problemsOf({ boards: mega, actuators: [servo(3)], lamp: on(45) }), ['WP4031 lamp.pin']);
  t.same(problemsOf({ actuators: [servo(3)], siren: on(9) }), [], 'a siren is on or off and needs no timer');
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
  [
    'the pin of a lamp that a supervised line is read by',
    { inputs: [supervised(on('A0', { mode: 'analog' }))], lamp: on('A0') },
    ['WP4011 inputs[0].with.sensor.pin'],
  ],
  ['the pin of a lamp that a servo has too', { actuators: [servo(6)] }, ['WP4011 lamp.pin']],
  ['a lamp dimmed by the timer of a servo', { actuators: [servo(3)], lamp: on(10) }, ['WP4031 lamp.pin']],
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
