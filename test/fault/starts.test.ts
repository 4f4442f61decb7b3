import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { layOut, ledgerOf, press, startSite, untilDelivered } from './support/bench.ts';
import { noService, playedAgent } from './support/services.ts';

const DEVICE = 'pillar-001';

/** What the site knows of the device's health. */
async function healthOf(site: TestSite): Promise<Record<string, string>> {
  const { body } = await site.request('GET', `devices/${SITE_ID}.${DEVICE}`);
  return Object(body).state?.health ?? {};
}

const restarts = async (site: TestSite) =>
  (await ledgerOf(site, DEVICE))
    .filter(({ type }) => type === 'wp.agent.restarted.v1')
    .map(({ data }) => ({ cause: data.cause, crashes: data.crashes, safeMode: data.safeMode }));

t.test('a device that ends again and again comes down to its alarm path', { skip: noService }, async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE, { profile: 'watched' });
  const service = playedAgent(t, site, DEVICE);
  const children = () =>
    readFileSync(`/proc/${service.run.pid}/task/${service.run.pid}/children`, 'utf8').trim();
  await service.start();
  await service.untilReady(1);
  await until('vision runs while all is well', async () => children() !== '' || null);

  await t.test('four crashes in a row are enough', async (t) => {
    for (let run = 1; run <= 4; run += 1) {
      await service.untilReady(run);
      service.signal('SIGKILL');
      await service.untilEnded(run);
    }
    const safe = await service.untilReady(5);
    t.match(safe.status, /safe mode/);
    await until('the site knows', async () => (await healthOf(site))['safe-mode'] === 'degraded');
    const told = await until('all restarts are on the ledger', async () => {
      const all = await restarts(site);
      return all.length >= 4 ? all : null;
    });
    t.strictSame(told, [
      { cause: 'crash', crashes: 1, safeMode: false },
      { cause: 'crash', crashes: 2, safeMode: false },
      { cause: 'crash', crashes: 3, safeMode: false },
      { cause: 'crash', crashes: 4, safeMode: true },
    ]);
  });

  await t.test('the alarm path works in it, and the camera is left off', async (t) => {
    const id = await press(site, DEVICE);
    await untilDelivered(site, DEVICE, [id]);
    t.equal(children(), '', 'no vision process');
    const health = await healthOf(site);
    t.same(
      Object.keys(health).filter((part) => part.startsWith('camera')),
      [],
    );
  });

  await t.test('the site has it leave safe mode', async (t) => {
    const { status } = await site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, {
      name: 'restart',
      args: {},
    });
    t.equal(status, 200);
    const ended = await service.untilEnded(5);
    t.equal(ended.result, 'success');
    const normal = await service.untilReady(6);
    t.equal(normal.status, 'armed');
    await until('the site knows', async () => (await healthOf(site))['safe-mode'] === undefined);
    const last = await until('it is told', async () => {
      const all = await restarts(site);
      return all.length === 5 ? all.at(-1) : null;
    });
    t.strictSame(last, { cause: 'ordered', crashes: 0, safeMode: false });
  });

  await t.test('a profile that cannot be read is no end of it', async (t) => {
    const profile = join(site.folder(DEVICE), 'profile.json');
    writeFileSync(join(site.folder(DEVICE), 'profile.good.json'), readFileSync(profile));
    writeFileSync(profile, '{"half of it');
    service.signal('SIGTERM');
    await service.untilEnded(6);
    await service.untilReady(7);
    await until('the site knows', async () => (await healthOf(site)).profile === 'degraded');
    const id = await press(site, DEVICE);
    await untilDelivered(site, DEVICE, [id]);
    t.pass('and a press arrives');
  });
});
