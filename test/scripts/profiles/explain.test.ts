import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { explainProfile } from '#scripts/profiles/explain.ts';
import { resolved, sourcesOf } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const LIBRARY = join(ROOT, 'device-profiles');
const DEMO = { siteFile: join(LIBRARY, 'sites/demo.yaml'), device: 'robot-001' };
const ROBOT = join(LIBRARY, 'robots/mall-patrol.yaml');

t.test('every value has its place: site, profile, template, schema, or driver', async (t) => {
  const all = explainProfile(sourcesOf(ROBOT, DEMO));
  const of = (path: string) => all.find((each) => each.path === path);
  t.match(of('place.label'), { from: /sites\/demo\.yaml:\d+$/, over: [] });
  t.match(of('supervisionS'), { value: 60, from: /templates\/device\.yaml:\d+$/ });
  t.match(of('kind'), { value: 'robot', from: /templates\/robot\.yaml:\d+$/ });
  t.match(of('testEveryH'), { value: 24, from: 'default of the schema' });
  t.match(of('speaker.maxBytes'), { value: 16_777_216, from: 'default of the driver auto' });
  t.ok(all.every(({ from }) => from !== ''));
});

t.test('what was laid over something says what it was', async (t) => {
  const dwell = explainProfile(sourcesOf(ROBOT, DEMO)).find(({ path }) => path === 'camera.dwellS');
  t.match(dwell, {
    value: 15,
    from: /sites\/demo\.yaml:\d+$/,
    over: [
      { value: 30, from: /robots\/mall-patrol\.yaml:\d+$/ },
      { value: 60, from: /templates\/robot\.yaml:\d+$/ },
    ],
  });
});

t.test('without a site file the place is left to it', async (t) => {
  const all = explainProfile(sourcesOf(ROBOT, {}));
  t.match(
    all.find(({ path }) => path === 'place.label'),
    { from: 'left to the site file' },
  );
});

t.test('the values are those that the device resolves, all of them', async (t) => {
  const { profile } = resolved(ROBOT, DEMO);
  const all = explainProfile(sourcesOf(ROBOT, DEMO)).filter(
    ({ from }) => !from.startsWith('default of the driver'),
  );
  const count = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 1;
    const inner = Object.values(value);
    return Array.isArray(value) && inner.length === 0
      ? 1
      : inner.reduce((sum: number, each) => sum + count(each), 0);
  };
  t.equal(all.length, count(profile));
});

t.test('the command prints one part when its path is named, and WP4073 where there is none', async (t) => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'profile', 'explain', ...args], {
      encoding: 'utf8',
      cwd: ROOT,
    });
  const { stdout } = run(join(LIBRARY, 'pillars/roadside-4g.yaml'), 'lamp');
  t.match(stdout.split('\n'), [
    /^lamp\.driver = "gpio" {2}\(device-profiles\/pillars\/roadside-4g\.yaml:\d+, over "sim" of device-profiles\/templates\/pillar\.yaml:\d+\)$/,
    /^lamp\.chip = /,
    /^lamp\.line = 22 /,
    /^lamp\.activeLow = false {2}\(default of the driver gpio\)$/,
    '',
  ]);
  const wrong = run(ROBOT, 'lam');
  t.equal(wrong.status, 1);
  t.match(wrong.stderr, /^WP4073 /);
});
