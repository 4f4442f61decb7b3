import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { DeviceState } from '#contract/messages.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { startSite } from './support/bench.ts';
import { CardDevice, DEVICE } from './support/card-device.ts';

async function stateOf(site: TestSite): Promise<DeviceState | null> {
  const { status, body } = await site.request('GET', `devices/${SITE_ID}.${DEVICE}`);
  return status === 200 ? (Object(body).state ?? null) : null;
}

/** Until the site knows that this generation is confirmed and runs. */
const untilConfirmed = (site: TestSite, generation: number) =>
  until(`generation ${generation} is confirmed`, async () => {
    const state = await stateOf(site);
    const { bundle } = state ?? {};
    return state?.online === true && bundle?.state === 'confirmed' && bundle.generation === generation
      ? state
      : null;
  });

/** What was told of bundles, without what differs from run to run. */
async function told(site: TestSite): Promise<unknown[]> {
  const kinds = ['installed', 'confirmed', 'rejected'] as const;
  const all = await Promise.all(kinds.map((kind) => site.events(`wp.profile.${kind}.v1`)));
  return kinds.map((kind, at) => [kind, ...(all[at] ?? []).map(({ data }) => data.generation)]);
}

async function running(t: Test, env: Readonly<Record<string, string>> = {}) {
  const site = await startSite(t);
  const device = await CardDevice.at(t, site, env);
  await device.flash(device.bundle(1));
  await device.start();
  await untilConfirmed(site, 1);
  return { site, device };
}

t.test(
  'what was flashed is tried, confirmed, and said so; the next one comes over the network',
  async (t) => {
    const { site, device } = await running(t);
    t.match(await stateOf(site), { versions: { agent: /^\d/ }, bundle: { slot: 'a', last: null } });
    const { pid } = device.process;

    await t.test('a bundle from the inbox is tried without anybody starting anything', async (t) => {
      device.drop(device.bundle(2), 'NEXT.WPB');
      const { bundle } = await untilConfirmed(site, 2);
      t.match(bundle, { slot: 'b', last: null });
      t.equal(device.process.pid, pid, 'the same process');
      t.same(await told(site), [['installed', 1, 2], ['confirmed', 1, 2], ['rejected']]);
    });

    await t.test('a refused one is told once, and the device runs on', async (t) => {
      device.drop(device.bundle(1), 'OLD.WPB');
      const [{ data } = { data: {} }] = await until('it is told', async () => {
        const events = await site.events('wp.profile.rejected.v1');
        return events.length > 0 ? events : null;
      });
      t.match(data, { generation: 1, code: 'WP4106', phase: 'verify', backTo: 2 });
      await device.process.kill();
      await device.start();
      await untilConfirmed(site, 2);
      t.equal((await site.events('wp.profile.rejected.v1')).length, 1);
    });

    await t.test('by command it goes back to the one before', async (t) => {
      const { status } = await site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, {
        name: 'rollback',
        args: {},
      });
      t.ok(status < 300, `HTTP ${status}`);
      t.match((await untilConfirmed(site, 1)).bundle, { slot: 'a' });
    });

    await t.test('by command it installs what the site has sent', async () => {
      const file = device.bundle(3);
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      const blob = `bundle-${sha256.slice(0, 40)}`;
      device.drop(file, `${blob}.wpb`);
      await site.request('POST', `devices/${SITE_ID}.${DEVICE}/commands`, {
        name: 'install',
        args: { blob, sha256 },
      });
      await untilConfirmed(site, 3);
    });
  },
);

t.test('a bundle whose driver there is none of is given up at once', async (t) => {
  const { site, device } = await running(t);
  device.drop(device.bundle(2, { lamp: { driver: 'nonsense' } }), 'BAD.wpb');
  const [{ data } = { data: {} }] = await until('it is told', async () => {
    const events = await site.events('wp.profile.rejected.v1');
    return events.length > 0 ? events : null;
  });
  t.match(data, { generation: 2, phase: 'trial', backTo: 1 });
  t.match(await untilConfirmed(site, 1), {
    bundle: { last: { generation: 2 } },
    health: { bundle: 'degraded' },
  });
});
