import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { layOut, startAgain, startDevice, startSite } from './support/bench.ts';

const DEVICE = 'pillar-001';

const ohm = (site: TestSite, value: number) => site.sim({ request: 'sensor', name: 'panic', value }, DEVICE);
const order = (site: TestSite, args: object) =>
  site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, { name: 'bypass', args });
const untilEvents = (site: TestSite, type: string, count: number) =>
  until(`${count} of ${type}`, async () => {
    const events = await site.events(type, DEVICE);
    return events.length >= count ? events : null;
  });
/** The newest word about the line. */
const untilHealth = (site: TestSite, wanted: { state: string; code?: string }) =>
  until(`the line is ${wanted.state}`, async () => {
    const all = await site.events('wp.health.changed.v1', DEVICE);
    const data = all.findLast((event) => event.data.part === 'input:panic')?.data;
    return data?.state === wanted.state && data.code === wanted.code ? data : null;
  });
const presses = async (site: TestSite) => (await site.events('wp.panic.pressed.v1', DEVICE)).length;
const bypassIncident = async (site: TestSite) =>
  (await site.incidents()).find(({ type }) => type === 'wp.input.bypassed.v1');

t.test('from a wire and a chip to the ledger, and a bypass from the desk and back', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE, { profile: 'wired' });
  const chip = join(site.dir, 'sys/class/hwmon/hwmon4');
  mkdirSync(chip, { recursive: true });
  writeFileSync(join(chip, 'name'), 'sht3x\n');
  writeFileSync(join(chip, 'temp1_input'), '21500\n');
  const profile = join(site.folder(DEVICE), 'profile.json');
  writeFileSync(profile, readFileSync(profile, 'utf8').replace('/nonexistent', join(site.dir, 'sys')));
  const agent = await startDevice(site, DEVICE);
  await until('the link is up', async () => (await site.state(DEVICE)).link === 'up');

  await t.test('a chip that gets too hot is told', async (t) => {
    writeFileSync(join(chip, 'temp1_input'), '71250\n');
    const [crossed] = await untilEvents(site, 'wp.sensor.crossed.v1', 1);
    t.match(crossed?.data, { sensor: 'cabinet', value: 71.25, direction: 'above' });
  });

  await t.test('a cut line is a failed input, a press on it a press', async (t) => {
    await ohm(site, 1_000_000);
    await untilHealth(site, { state: 'failed', code: 'WP2380' });
    await ohm(site, 4700);
    await untilHealth(site, { state: 'ok' });
    await ohm(site, 2350);
    await untilEvents(site, 'wp.panic.pressed.v1', 1);
    await ohm(site, 4700);
    await untilEvents(site, 'wp.panic.released.v1', 1);
    t.equal(await presses(site), 1, 'the cut and its repair were none');
  });

  await t.test('bypassed it presses nothing, also after a kill, and stands at the desk', async (t) => {
    t.match(await order(site, { inputs: ['panic'], forS: 3600, reason: 'wiring' }), {
      body: { reply: { ok: true } },
    });
    const [bypassed] = await untilEvents(site, 'wp.input.bypassed.v1', 1);
    t.match(bypassed?.data, { input: 'panic', reason: 'wiring', by: String });
    t.match(await until('its incident', async () => (await bypassIncident(site)) ?? null), { state: 'open' });
    await agent.kill();
    await startAgain(agent);
    await until('the link is up', async () => (await site.state(DEVICE)).link === 'up');
    await ohm(site, 2350);
    await order(site, { inputs: ['panic'], forS: 3600, reason: 'wiring' });
    await untilEvents(site, 'wp.input.bypassed.v1', 2);
    t.equal(await presses(site), 1, 'the one before');
  });

  await t.test('restored while it is held, it calls for help, and the incident is over', async (t) => {
    await order(site, { inputs: ['panic'], forS: 0, reason: 'done' });
    const [restored] = await untilEvents(site, 'wp.input.restored.v1', 1);
    t.match(restored?.data, { input: 'panic', cause: 'command' });
    await until('the press', async () => {
      const again = await site.events('wp.panic.repressed.v1', DEVICE);
      return again.length === 1 ? again : null;
    });
    await until('the incident is over', async () =>
      (await bypassIncident(site))?.state === 'resolved' ? true : null,
    );
  });
});
