import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { PreparedFolder } from '#agent/start-profile.ts';
import { beginRun } from '#agent/start-run.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const file = join(ROOT, 'test/fault/profiles/watched.yaml');
const { profile: PROFILE } = resolveProfile({ file, device: 'p', drivers: DRIVER_SCHEMAS });
const TEXT = JSON.stringify(PROFILE);

const begin = (dataDir: string) =>
  beginRun({
    ...{ dataDir, source: new PreparedFolder(dataDir), log: silentLog },
    ...{ bootId: 'b', watchdogDir: dataDir },
  });

t.test('a folder that was never prepared is an error, as ever', async (t) => {
  await t.rejects(begin(t.testdir()), { code: 'WP5026' });
  await t.rejects(begin(t.testdir({ 'profile.json': '{}' })), { code: 'WP5026' });
});

t.test('a profile is kept as good once a run has lasted with it, and not before', async (t) => {
  const dir = t.testdir({ 'profile.json': TEXT });
  const run = await begin(dir);
  const good = join(dir, 'profile.good.json');
  t.notOk(existsSync(good));
  run.notes.healthy();
  t.equal(readFileSync(good, 'utf8'), TEXT);
});

t.test('half a profile: the device runs by the last good one', async (t) => {
  const dir = t.testdir({ 'profile.json': TEXT.slice(0, 200), 'profile.good.json': TEXT });
  const { profile, start, notes } = await begin(dir);
  t.equal(profile.name, 'watched');
  t.equal(start.profile, 'good');
  notes.healthy();
  t.equal(
    readFileSync(join(dir, 'profile.json'), 'utf8'),
    TEXT.slice(0, 200),
    'what was brought stays to be looked at',
  );
});

t.test(
  'a profile that crashes twice gives way to the good one; after four the camera is left off',
  async (t) => {
    const dir = t.testdir({ 'profile.json': TEXT });
    (await begin(dir)).notes.healthy();
    writeFileSync(join(dir, 'profile.json'), JSON.stringify({ ...PROFILE, name: 'newer' }));
    // The first crash is that of the run before.
    t.match(
      [await begin(dir), await begin(dir), await begin(dir)].map(({ profile }) => profile.name),
      ['newer', 'newer', 'watched'],
    );
    const safe = await begin(dir);
    t.match(safe.start, { mode: 'safe', profile: 'good' });
    t.notOk('camera' in safe.profile);
    t.strictSame(safe.profile.inputs, PROFILE.inputs);
    safe.notes.healthy();
    t.match(JSON.parse(readFileSync(join(dir, 'profile.good.json'), 'utf8')), { camera: { name: 'front' } });
  },
);
