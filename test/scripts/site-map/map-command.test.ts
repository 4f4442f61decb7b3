import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import * as z from 'zod';
import { ROOT } from '#scripts/site/demo-site.ts';
import { MALL_DIR } from '#scripts/site-map/draw-mall.ts';
import { mapFolder } from '#test/contract/site-map/map-folder.ts';

async function map(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'map', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, error] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out, error };
}

t.test('lint says what is wrong with each map, and that with its exit code', async (t) => {
  const broken = mapFolder(t, { 'room.pgm': null });
  const both = await map('lint', MALL_DIR, join(broken, 'site-map.yaml'));
  t.equal(both.code, 1);
  t.match(both.out, `${broken}/room.pgm: error WP4801: cannot be read`);
  t.match(both.out, '1 fine, 1 broken, 0 warnings');
  const one = await map('lint', '--json', broken);
  t.match(JSON.parse(one.out), { code: 'WP4801', severity: 'error', file: 'room.pgm' });
  t.match(await map('lint', MALL_DIR), { code: 0, out: '1 fine, 0 broken, 0 warnings\n' });
});

t.test('show has the figures, for people and for programs', async (t) => {
  const shown = await map('show', MALL_DIR);
  t.equal(shown.code, 0);
  for (const words of [
    '2 floors, 30 nodes, 59 edges',
    'longest edge: u-sw--u-s-middle, 23.0 m',
    'left: none',
  ])
    t.match(shown.out, words);
  const facts = z.object({ nodes: z.int(), unreachable: z.array(z.string()) });
  t.same(facts.parse(JSON.parse((await map('show', '--json', MALL_DIR)).out)), {
    nodes: 30,
    unreachable: [],
  });
  t.match(await map('show', mapFolder(t, { 'routes.lif.json': '{}' })), {
    code: 1,
    error: /WP4806 .*metaInformation/,
  });
});

t.test('plan names the way, and what is in its way', async (t) => {
  const plan = (...args: string[]) => map('plan', ...args, '--map', MALL_DIR);
  const found = await plan('g-dock', 'pillar-001');
  t.match(
    found.out,
    /g-dock {2}Charging dock.*\n.*g-dock-front.*\n.*g-sw.*\n.*g-west-gate.*\n13\.\d m, \d+ s/,
  );
  const json = await plan('g-dock', 'pillar-001', '--speed', '0.1', '--json');
  t.ok(z.object({ seconds: z.number() }).parse(JSON.parse(json.out)).seconds > 130);
  t.match(await plan('g-dock', 'g-sw', '--blocked', 'g-dock-front'), { code: 1, error: /WP4821/ });
  t.match(await plan('g-dock', 'moon'), { code: 1, error: /WP4820/ });
  t.match(await plan('g-dock', 'g-sw', '--speed', '-1'), { code: 2 });
});
