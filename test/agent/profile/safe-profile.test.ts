import { globSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { safeProfile } from '#agent/profile/safe-profile.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const base = resolveProfile({
  file: join(ROOT, 'test/fault/profiles/watched.yaml'),
  device: 'p',
  drivers: DRIVER_SCHEMAS,
}).profile;
const sensor = { unit: '1', periodS: 1, deadband: 0, atLeastEveryS: 60, thresholds: [] };
const smoke = { direction: 'above' as const, limit: 1, clear: 0.5, alarm: 'smoke' as const };

t.test('buttons, smoke and what they need stay; all else is left off', async (t) => {
  const on = (board: string) => ({ driver: 'firmata', board, pin: 'A0' });
  const safe = safeProfile({
    ...base,
    boards: ['post', 'gate', 'deep'].map((name) => ({ name, with: { driver: 'firmata' } })),
    inputs: [
      ...base.inputs,
      { name: 'pedal', kind: 'duress', with: { driver: 'supervised', sensor: on('deep') } },
      { name: 'exit', kind: 'door', with: { driver: 'sim' } },
    ],
    sensors: [
      { ...sensor, name: 'smoke', thresholds: [smoke], with: on('post') },
      { ...sensor, name: 'humidity', with: on('gate') },
    ],
    voice: {
      ...{ timeZone: 'Asia/Shanghai', volume: [], alarmFloorDb: -6 },
      selfTest: { at: '03:00', microphone: { system: 'pulse' }, minLevelDb: -50 },
    },
  });
  t.strictSame(
    safe.inputs.map(({ name }) => name),
    ['b0', 'pedal'],
  );
  t.strictSame(
    safe.sensors.map(({ name }) => name),
    ['smoke'],
  );
  t.strictSame(
    safe.boards.map(({ name }) => name),
    ['post', 'deep'],
  );
  t.notOk('camera' in safe);
  t.strictSame(safe.voice, { timeZone: 'Asia/Shanghai', volume: [], alarmFloorDb: -6 });
});

/** What the way of an alarm goes by besides its inputs. */
const ALARM_PATH = [
  ...(['lamp', 'siren', 'speaker', 'panic', 'languages', 'emergencyNumber', 'place'] as const),
  ...(['supervisionS', 'testEveryH', 'link', 'journal'] as const),
];

t.test('every profile that is shipped is still one in safe mode, with its alarm inputs', async (t) => {
  const files = globSync('device-profiles/{pillars,robots,masts,doors}/*.yaml', { cwd: ROOT });
  t.ok(files.length > 2);
  for (const file of files) {
    const { profile } = resolveProfile({
      file: join(ROOT, file),
      drivers: DRIVER_SCHEMAS,
      assumed: { place: { label: 'Test bench', latitude: 31.2, longitude: 121.4 } },
    });
    const safe = DeviceProfile.parse(safeProfile(profile));
    t.equal(safe.name, profile.name);
    t.equal(
      safe.inputs.some(({ kind }) => kind === 'button'),
      profile.inputs.some(({ kind }) => kind === 'button'),
    );
    t.equal(safe.camera, undefined, file);
    const isAlarm = ({ kind }: { kind: string }) => ['button', 'duress', 'tamper'].includes(kind);
    const alarmInputs = profile.inputs.filter(isAlarm);
    if (alarmInputs.length > 0) t.same(safe.inputs, alarmInputs, `${file}: each as it was`);
    for (const part of ALARM_PATH) t.same(safe[part], profile[part], `${file}: ${part}`);
    const boards = profile.boards.map(({ name }) => name);
    for (const name of boards.filter((name) =>
      JSON.stringify([safe.inputs, safe.lamp, safe.siren]).includes(`"${name}"`),
    ))
      t.ok(
        safe.boards.some((board) => board.name === name),
        `${file}: the board ${name}`,
      );
  }
});
