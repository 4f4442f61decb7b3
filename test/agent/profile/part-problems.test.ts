import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { ProfileError } from '#agent/profile/problem.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';

/** What is wrong with a profile that has these lines besides. */
function problemsOf(t: Test, more: string, place = 'label: here, latitude: 31, longitude: 121'): string[] {
  const file = join(t.testdir({ 'p.yaml': TINY_PROFILE.replace('label: here', place) + more }), 'p.yaml');
  try {
    resolveProfile({ file, drivers: DRIVER_SCHEMAS });
    return [];
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return error.problems.map(({ code, path, line }) => `${code} ${path} in line ${line}`);
  }
}

const boards = (...ports: string[]) =>
  `boards:\n${ports.map((port, i) => `  - { name: b${i}, with: { driver: firmata, port: ${port} } }\n`).join('')}`;
const sensors = (...all: string[]) =>
  `sensors:\n${all
    .map(
      (with_, i) =>
        `  - { name: s${i}, unit: "1", periodS: 9, deadband: 0, atLeastEveryS: 60, with: { ${with_} } }\n`,
    )
    .join('')}`;
const gnss = (serial: string, measure = 'hdop') => `driver: gnss, serial: ${serial}, measure: ${measure}`;
const modem = (serial: string) => `driver: modem, ask: at, serial: ${serial}, measure: rssi`;

t.test('each on a line of its own, and parts of one receiver or modem on the same', async (t) => {
  t.same(problemsOf(t, boards('/dev/ttyACM0', '/dev/ttyACM1')), []);
  t.same(
    problemsOf(t, sensors(gnss('/dev/ttyS0'), gnss('/dev/ttyS0', 'satellites'), modem('/dev/ttyS1'))),
    [],
  );
});

t.test('a line that two devices have is told where the second names it', async (t) => {
  t.same(problemsOf(t, boards('uno-if00', '/dev/serial/by-id/uno-if00')), [
    'WP4032 boards[1].with.port in line 16',
  ]);
  t.same(problemsOf(t, sensors(gnss('/dev/ttyS0'), modem('/dev/ttyS0'))), [
    'WP4032 sensors[1].with.serial in line 16',
  ]);
  t.same(problemsOf(t, boards('/dev/ttyS0') + sensors(modem('/dev/ttyS0'))), [
    'WP4032 sensors[0].with.serial in line 17',
  ]);
});

t.test('a distance needs a place with coordinates, other measures do not', async (t) => {
  const all = sensors(gnss('/dev/ttyS0', 'distance'), gnss('/dev/ttyS0'));
  t.same(problemsOf(t, all), []);
  t.same(problemsOf(t, all, 'label: here'), ['WP4033 sensors[0].with in line 15']);
  t.same(problemsOf(t, all, 'label: here, latitude: 31'), ['WP4033 sensors[0].with in line 15']);
});

t.test('the rest of an actuator is one of its positions, of which it has several', async (t) => {
  const barrier = (positions: string, rest: string) =>
    `actuators:\n  - { name: barrier, positions: ${positions}, rest: ${rest}, with: { driver: sim } }\n`;
  t.same(problemsOf(t, barrier('{ open: 90, shut: 0 }', 'shut')), []);
  t.same(problemsOf(t, barrier('{ open: 90, shut: 0 }', 'closed')), ['WP4030 actuators[0].rest in line 15']);
  for (const positions of ['{ open: 90 }', '{ open: 181, shut: 0 }', '{ open: 4.5, shut: 0 }'])
    t.match(problemsOf(t, barrier(positions, 'open')), [/^WP4003 actuators\[0\].positions/], positions);
});
