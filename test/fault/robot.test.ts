import t from 'tap';
import type { RobotOrder } from '#agent/drivers/sim/robot-orders.ts';
import { COMMAND_NAMES } from '#contract/messages.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { layOut, ledgerOf, startDevice, startSite } from './support/bench.ts';

const DEVICE = 'robot-001';

const robotOf = async (site: TestSite) => {
  const { robot, lamp } = await site.state(DEVICE);
  return { x: 0, y: 0, stops: ['none yet'], doing: '', ...robot, lamp };
};

async function work(site: TestSite, order: RobotOrder): Promise<void> {
  const answer = await site.sim({ request: 'robot', order }, DEVICE);
  if (!answer.ok) throw new TypeError(answer.message);
}

t.test('a robot on its way home is stopped by hand, and no command of the site brings it on', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE, { profile: 'rover' });
  await startDevice(site, DEVICE);
  await until('the link is up', async () => (await site.state(DEVICE)).link === 'up');
  await until('the base is watched', async () => (await robotOf(site)).stops.length === 0);
  t.match(await robotOf(site), { x: 2.5, y: 0, doing: 'idle', lamp: 'idle' });

  await work(site, { do: 'battery', charge: 0.2 });
  await until('it is on its way to the dock', async () => (await robotOf(site)).x < 2.45);
  t.equal((await robotOf(site)).doing, 'survival:dock');

  await work(site, { do: 'emergency-stop', state: 'pressed' });
  t.match(await robotOf(site), { stops: ['emergency-stop'], doing: 'stopped', lamp: 'stopped' });
  const events = async () =>
    (await ledgerOf(site, DEVICE)).filter(({ type }) => type.startsWith('wp.robot.'));
  await until('the site knows', async () => (await events()).length > 0);
  t.match(await events(), [{ type: 'wp.robot.stopped.v1', data: { cause: 'emergency-stop' } }]);
  const incidents = async () =>
    (await site.incidents()).filter(({ type }) => type === 'wp.robot.stopped.v1').map(({ state }) => state);
  await until('an incident is open', async () => (await incidents()).join() === 'open');
  const seen: number[] = [];
  await until('it has braked', async () => {
    seen.push((await robotOf(site)).x);
    // Two looks may fall into one tick of the simulation.
    return seen.length >= 10 && new Set(seen.slice(-10)).size === 1;
  });
  const { x: held } = await robotOf(site);

  for (const name of COMMAND_NAMES.filter((command) => command !== 'restart')) {
    await site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, { name, args: {} });
  }
  t.match(await robotOf(site), { x: held, stops: ['emergency-stop'] });

  await work(site, { do: 'emergency-stop', state: 'released' });
  await until('it is let go', async () => (await robotOf(site)).stops.length === 0);
  await until('the incident ends', async () => (await incidents()).join() === 'resolved');
  t.match((await events()).at(-1), {
    type: 'wp.robot.resumed.v1',
    data: { causes: ['emergency-stop'], place: { pose: { map: 'site', x: held } } },
  });
  await until(
    'it goes home after all',
    async () => (await robotOf(site)).doing === 'survival:stay' && (await robotOf(site)).x < 1,
  );
  t.equal((await robotOf(site)).lamp, 'idle');

  t.ok((await site.sim({ request: 'press', name: 'b0' }, DEVICE)).ok);
  await until('its own press holds it', async () => (await robotOf(site)).stops.join() === 'own-press');
  t.not((await robotOf(site)).lamp, 'stopped', 'and the lamp is the call’s');
});
