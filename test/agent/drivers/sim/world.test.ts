import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SimClockSource } from '#agent/drivers/sim/clock-source.ts';
import { SimBaseConfig, SimContactConfig, SimSensorConfig } from '#agent/drivers/sim/config.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { simBase } from './sim-base.ts';
import { simWorld } from './sim-world.ts';

t.test('a contact stays where it was put, and a change is told once', async (t) => {
  const world = simWorld();
  const moves: string[] = [];
  world.onContact(({ name, active }) => moves.push(`${name} ${active}`));
  t.equal(world.setContact('button', true), true);
  t.equal(world.setContact('button', true), false);
  t.equal(world.contact('button'), true);
  t.strictSame(moves, ['button true']);
});

t.test('a part that is not there is refused with the names of those that are', async (t) => {
  const world = simWorld();
  t.throws(() => world.setContact('bell', true), { code: 'WP2312', hint: /button, tamper, pedal/ });
  t.throws(() => world.setSensor('smoke', 1), { code: 'WP2312', hint: /water/ });
  t.throws(() => world.setClip('party'), { code: 'WP2312', hint: /quiet, bag/ });
  t.throws(() => world.setClip('constructor'), { code: 'WP2312' });
});

t.test('what is pressed stays pressed over a restart of the agent', async (t) => {
  const file = join(t.testdir({}), 'sim.json');
  const world = simWorld({ file });
  world.start();
  world.setContact('button', true);
  const later = simWorld({ file });
  later.start();
  t.equal(later.contact('button'), true);
  t.equal(later.contact('tamper'), false);
  later.setContact('button', false);
  const third = simWorld({ file });
  third.start();
  t.equal(third.contact('button'), false);
});

t.test('an unreadable world starts afresh', async (t) => {
  const file = join(t.testdir({}), 'sim.json');
  writeFileSync(file, '{"version":1,"closed":');
  const world = simWorld({ file });
  world.start();
  t.equal(world.contact('button'), false);
});

t.test('a clip is started again each time it is asked for', async (t) => {
  const world = simWorld();
  const played: string[] = [];
  world.onClip((file) => played.push(file));
  t.equal(world.clipFile, '/clips/quiet.mp4');
  world.setClip('bag');
  world.setClip('bag');
  t.strictSame(played, ['/clips/bag.mp4', '/clips/bag.mp4']);
  t.equal(world.clipFile, '/clips/bag.mp4');
});

t.test('an unset clock is in 1970, a synced one is the machine’s', async (t) => {
  const clock = new ManualClock();
  const world = simWorld();
  const source = new SimClockSource({ world, clock });
  t.equal(source.isSynced(), true);
  t.equal(source.wallMs(), clock.wallMs());
  world.setClock('unset');
  await clock.advance(5_000);
  t.equal(source.isSynced(), false);
  t.equal(source.wallMs(), 5_000);
});

t.test('the base stands where the world says', async (t) => {
  const { base } = await simBase({ x: 1, y: 2 });
  t.strictSame(base.pose(), { map: 'site', x: 1, y: 2, theta: 0 });
  await base.close();
});

t.test('the base can be put elsewhere on its map', async (t) => {
  const { base, world } = await simBase();
  world.setPose({ x: 4, y: 5, theta: 1.5 });
  t.strictSame(base.pose(), { map: 'site', x: 4, y: 5, theta: 1.5 });
  await base.close();
  t.strictSame(world.pose(), { map: 'site', x: 4, y: 5, theta: 1.5 }, 'and stays there');
});

t.test('settings that no driver knows are refused', async (t) => {
  t.equal(SimContactConfig.safeParse({ driver: 'sim', pin: 4 }).success, false);
  t.equal(SimSensorConfig.safeParse({ driver: 'sim', value: 'high' }).success, false);
  t.strictSame(SimSensorConfig.parse({ driver: 'sim' }), { driver: 'sim', value: 0 });
  t.match(SimBaseConfig.parse({ driver: 'sim', x: 2 }), {
    driver: 'sim',
    map: 'ground',
    x: 2,
    y: 0,
    theta: 0,
  });
  t.equal(SimBaseConfig.safeParse({ driver: 'sim', hull: { wheels: 3 } }).success, false);
});
