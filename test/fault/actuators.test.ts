import t from 'tap';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { until } from '#test/support/site.ts';
import { layOut, startAgain, startDevice, startSite } from './support/bench.ts';

const DEVICE = 'pillar-001';

t.test('the desk opens a barrier, which is at its rest again after a restart', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE, { profile: 'barrier' });
  const agent = await startDevice(site, DEVICE);
  const linked = () => until('the link is up', async () => (await site.state(DEVICE)).link === 'up');
  const order = (args: object) =>
    site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, { name: 'actuate', args });
  const stateAtDesk = async () =>
    Object((await site.request('GET', `devices/${SITE_ID}.${DEVICE}`)).body).state;
  const atDesk = async () => (await stateAtDesk())?.outputs?.actuators;
  await linked();
  t.strictSame((await site.state(DEVICE)).actuators, { barrier: { position: 'closed', degrees: 5 } });

  t.match(await order({ name: 'barrier', position: 'open' }), {
    body: { reply: { ok: true, result: { name: 'barrier', position: 'open', degrees: 90 } } },
  });
  t.strictSame((await site.state(DEVICE)).actuators, { barrier: { position: 'open', degrees: 90 } });
  await until('the desk sees it open', async () => (await atDesk())?.barrier === 'open');

  t.match(
    (await stateAtDesk()).parts,
    { inputs: { b0: 'button' }, actuators: { barrier: ['open', 'closed'] } },
    'and knows what it may order',
  );

  t.match(await order({ name: 'barrier', position: 'ajar' }), {
    body: { reply: { ok: false, code: 'WP2120', message: /ajar/ } },
  });
  t.match(await order({ name: 'gate', position: 'open' }), {
    body: { reply: { ok: false, code: 'WP2105' } },
  });

  await agent.kill();
  await startAgain(agent);
  await linked();
  await until('the desk sees it closed', async () => (await atDesk())?.barrier === 'closed');
});
