import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BUNDLE_PIECE_BYTES, bundlePieces } from '#contract/fetch.ts';
import type { RolloutItem } from '#contract/fleet.ts';
import {
  follow,
  moveRollout,
  readFleet,
  sendTo,
  showRollout,
  startRollout,
  uploadBundle,
} from '#scripts/fleet/site-client.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { CutLink } from '#test/support/cut-link.ts';
import { FLEET_CHAIN, writeFleetBundle } from '#test/support/fleet-bundles.ts';
import { MqttDevice } from '#test/support/mqtt-device.ts';
import { TestSite, until } from '#test/support/site.ts';

const BYTES = 3_000_000;

/** A real broker, and a bundle of 3 MB for each of `names`. */
async function siteWith(t: Test, names: readonly string[], bytes = BYTES) {
  const site = await TestSite.make(t);
  await site.startBroker();
  const broker = { dataDir: join(site.dir, 'broker') };
  writeFileSync(join(broker.dataDir, 'bundle-root.json'), JSON.stringify(FLEET_CHAIN));
  const bundles = names.map((name) => writeFleetBundle(site.dir, `${SITE_ID}.${name}`, { bytes }));
  const connect = (name: string, setting: { port?: number; trial?: 'confirmed' | 'rejected' } = {}) =>
    MqttDevice.connect(t, {
      ...{ address: { site: SITE_ID, device: name }, folder: join(site.dir, name), port: site.mqttPort },
      ...setting,
    });
  const uploaded = async () => {
    const items = [];
    for (const file of bundles) items.push((await uploadBundle(broker, file)).sha256);
    return items;
  };
  return { site, broker, bundles, connect, uploaded };
}

const statesOf = ({ members }: RolloutItem) => members.map(({ state }) => state);

t.test(
  'three devices in stages, one of them over a link that is cut, and a broker that is killed',
  async (t) => {
    const names = ['p-1', 'p-2', 'p-3'];
    const { site, broker, connect, uploaded } = await siteWith(t, names);
    const link = await CutLink.make(t, site.mqttPort);
    const first = await connect('p-1', { port: link.port });
    const others = [await connect('p-2'), await connect('p-3')];
    link.cutAtBytes = BYTES / 3;
    const rules = { soakS: 0 };
    const { id } = await startRollout(broker, { bundles: await uploaded(), canary: 1, percent: [60], rules });
    await until('the link is cut', async () => link.cutAtBytes === null);
    await until(
      'the site waits for it',
      async () => statesOf(await showRollout(broker, id))[0] === 'waiting',
    );
    const had = first.pieces.length;
    t.ok(had > 10, `${had} pieces had come`);
    // Killed while a device is away in the middle of its bundle.
    await site.broker.kill();
    await site.startBroker();
    link.mend();
    const ended = await follow(broker, id);
    t.match(ended, { state: 'finished', stage: 2 });
    t.same(statesOf(ended), ['confirmed', 'confirmed', 'confirmed']);
    const pieces = bundlePieces(ended.members[0]?.bytes ?? 0);
    const again = first.pieces.length - pieces;
    t.ok(again < had / 2, `of ${had} pieces ${again} came twice`);
    t.same(
      others.map((device) => device.pieces.length),
      [pieces, pieces],
    );
    t.same(
      [first, ...others].map(({ installs, generation }) => [installs, generation]),
      [
        [1, 7],
        [1, 7],
        [1, 7],
      ],
    );
    t.same(
      (await readFleet(broker)).map(({ drift }) => drift),
      ['as-wanted', 'as-wanted', 'as-wanted'],
    );
  },
);

t.test('a canary that goes back halts it, the others are untouched, and people are told', async (t) => {
  const { site, broker, connect, uploaded } = await siteWith(t, ['p-1', 'p-2', 'p-3']);
  await connect('p-1', { trial: 'rejected' });
  const others = [await connect('p-2'), await connect('p-3')];
  const { id } = await startRollout(broker, { bundles: await uploaded(), rules: { soakS: 0 } });
  const halted = await follow(broker, id);
  t.match(halted, { state: 'halted', stage: 0, reason: /demo\.p-1 with WP4216/ });
  t.same(statesOf(halted), ['rejected', 'waiting', 'waiting']);
  t.same(
    others.map(({ pieces }) => pieces),
    [[], []],
  );
  t.match(await site.events('wp.rollout.halted.v1', 'p-1'), [
    { data: { rollout: id, code: 'WP4216', untouched: 2 } },
  ]);
  t.match(await moveRollout(broker, id, { step: 'abort' }), { state: 'aborted' });
});

t.test('a broker that is killed while it sends goes on behind what the device has', async (t) => {
  const { site, broker, connect, bundles } = await siteWith(t, ['p-1']);
  const device = await connect('p-1');
  const bundle = await uploadBundle(broker, bundles[0] ?? '');
  const { id } = await sendTo(broker, bundle);
  await until('it is being sent', async () => device.pieces.length > 20);
  await site.broker.kill();
  const had = device.pieces.length;
  await site.startBroker();
  t.match(await follow(broker, id), { state: 'finished', members: [{ state: 'confirmed' }] });
  const pieces = Math.ceil(bundle.bytes / BUNDLE_PIECE_BYTES);
  t.ok(
    had === pieces || device.pieces.length < had + pieces,
    `${had} and ${device.pieces.length} of ${pieces} pieces`,
  );
  t.equal(device.installs, 1);
});

t.test(
  'on a slow link a receipt waits for one piece of a bundle, and a press is not waited for',
  async (t) => {
    const { site, broker, connect, bundles } = await siteWith(t, ['p-1'], 20 * BUNDLE_PIECE_BYTES);
    const link = await CutLink.make(t, site.mqttPort);
    const device = await connect('p-1', { port: link.port });
    const bundle = await uploadBundle(broker, bundles[0] ?? '');
    // 256 kbit/s: a piece takes half a second.
    link.bytesPerS = 32 * 1024;
    const { id } = await sendTo(broker, bundle);
    await until('it is being sent', async () => device.pieces.length > 3);
    const receipts = device.receipts;
    await device.press();
    await until('the site has it', async () => device.receipts > receipts);
    t.ok(
      device.pieces.length < bundlePieces(bundle.bytes),
      `${device.pieces.length} pieces had come by then`,
    );
    t.match(await follow(broker, id), { state: 'finished' });
    const most = link.mostQueuedBytes / BUNDLE_PIECE_BYTES;
    t.ok(most < 2.5, `at most ${most.toFixed(1)} pieces waited in front of anything`);
  },
);
