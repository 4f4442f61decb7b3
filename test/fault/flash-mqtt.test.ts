import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MqttTarget } from '#scripts/flash/mqtt/mqtt-target.ts';
import { openSource } from '#scripts/flash/source-bundle.ts';
import { listRollouts } from '#scripts/fleet/site-client.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { watchpost } from '#test/scripts/flash/kit.ts';
import { FLEET_CHAIN, writeFleetBundle } from '#test/support/fleet-bundles.ts';
import { MqttDevice } from '#test/support/mqtt-device.ts';
import { TestSite } from '#test/support/site.ts';

/** A real broker, and a bundle for `p-1`. */
async function siteOf(t: Test) {
  const site = await TestSite.make(t);
  await site.startBroker();
  const dataDir = join(site.dir, 'broker');
  writeFileSync(join(dataDir, 'bundle-root.json'), JSON.stringify(FLEET_CHAIN));
  mkdirSync(join(site.dir, 'authority'));
  symlinkSync(join(dataDir, 'bundle-root.json'), join(site.dir, 'authority/bundle-root.json'));
  const bundle = writeFleetBundle(site.dir, `${SITE_ID}.p-1`, { bytes: 300_000 });
  const connect = (trial: 'confirmed' | 'rejected') =>
    MqttDevice.connect(t, {
      ...{
        address: { site: SITE_ID, device: 'p-1' },
        folder: join(site.dir, 'p-1'),
        port: site.mqttPort,
        trial,
      },
    });
  const flash = (...more: string[]) =>
    watchpost(['flash', bundle, '--to', 'mqtt:p-1', '--site', site.dir, '--json', ...more]);
  return { site, dataDir, bundle, connect, flash };
}

t.test('a device over the network is flashed through its site, and says itself what it runs', async (t) => {
  const { connect, flash } = await siteOf(t);
  t.match(await flash('--yes'), { code: 1, err: /WP4350/ }, 'unknown before it ever came');
  const device = await connect('confirmed');
  t.match(await flash('--dry-run'), { code: 0, err: /fetch, verify and try/ });
  t.equal(device.installs, 0);
  const { code, out, err } = await flash('--yes');
  t.equal(code, 0, err);
  t.match(JSON.parse(out), { ok: true, generation: 7, readBack: { from: 'device' } });
  t.equal(device.generation, 7);
  t.match(await flash(), { code: 0, out: /"writtenBytes":0/ }, 'it runs it already');
  t.equal(device.installs, 1);
});

t.test('a device that goes back is told with its reason', async (t) => {
  const { connect, flash } = await siteOf(t);
  const device = await connect('rejected');
  t.match(await flash('--yes'), { code: 1, err: /WP42\d\d/ });
  t.equal(device.generation, 1);
});

t.test(
  'for a device that is away the site is left to go on, and the next run goes on with the same sending',
  async (t) => {
    const { dataDir, bundle, connect, flash } = await siteOf(t);
    const device = await connect('confirmed');
    await device.close();
    const target = new MqttTarget('p-1', { dataDir }, await openSource(bundle, null), 1_500);
    await target.open();
    t.match(await target.look(), { risks: [/away/] });
    await t.rejects(
      target.write(() => undefined),
      { code: 'WP4351' },
    );
    const again = await connect('confirmed');
    t.match(await flash('--yes'), { code: 0 });
    t.equal(again.installs, 1);
    t.equal((await listRollouts({ dataDir })).length, 1);
  },
);
