import t from 'tap';
import { DriveSettings } from '#agent/ports/drive.ts';
import { driveProblems } from '#agent/profile/drive-problems.ts';

const base = { driver: 'sim' };
const found = (drive: Record<string, unknown>) =>
  driveProblems({ drive: DriveSettings.parse(drive), base }).map(({ code, path }) => [code, path]);
const SQUARE = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];
/** Its sides cross. */
const BOW = [
  [0, 0],
  [4, 4],
  [4, 0],
  [0, 4],
];

t.test('the defaults are in order, and a device without a drive has nothing to be wrong', async (t) => {
  t.same(found({}), []);
  t.same(driveProblems({ base }), []);
});

t.test('a drive needs a base', async (t) => {
  t.match(driveProblems({ drive: DriveSettings.parse({}) }), [{ code: 'WP2822', path: 'drive' }]);
});

t.test('slow is not faster than fast, critical not above low, low not above charged', async (t) => {
  t.same(found({ maxMps: 0.2 }), [['WP2820', 'drive.slowMps']]);
  t.same(found({ criticalBattery: 0.3 }), [['WP2820', 'drive.criticalBattery']]);
  t.same(found({ lowBattery: 0.6 }), [['WP2820', 'drive.lowBattery']]);
});

t.test('outlines of areas that cross themselves are told with their path', async (t) => {
  const area = { map: 'ground', bounds: SQUARE };
  t.same(found({ areas: [area, { ...area, bounds: BOW }] }), [['WP2821', 'drive.areas[1].bounds']]);
  t.same(found({ areas: [{ ...area, noGo: [BOW] }] }), [['WP2821', 'drive.areas[0].noGo[0]']]);
  const slow = [{ polygon: BOW, maxMps: 0.2 }];
  t.same(found({ areas: [{ ...area, slow }] }), [['WP2821', 'drive.areas[0].slow[0].polygon']]);
});
