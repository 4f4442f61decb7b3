import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BUNDLE_PIECE_BYTES } from '#contract/fetch.ts';
import type { BundleItem, RolloutItem } from '#contract/fleet.ts';
import {
  follow,
  readFleet,
  sendTo,
  showRollout,
  startRollout,
  uploadBundle,
} from '#scripts/fleet/site-client.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { CutLink } from '#test/support/cut-link.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { startSite, tryPress } from './support/bench.ts';
import { CardDevice } from './support/card-device.ts';

/** As much as a voice pack has: long enough for something to happen meanwhile. */
const FILLING_BYTES = 4_000_000;

const brokerOf = (site: TestSite) => ({ dataDir: join(site.dir, 'broker') });

/** By name; what a device says of itself comes a moment after what it says of its trial. */
const untilDrift = (site: TestSite, names: readonly string[], drifts: string) =>
  until(drifts, async () => {
    const items = await readFleet(brokerOf(site));
    const found = names.map((name) => items.find(({ id }) => id === `${SITE_ID}.${name}`)?.drift);
    return found.join(' ') === drifts;
  });

const untilRunning = (site: TestSite, name: string, generation: number) =>
  until(`${name} runs generation ${generation}`, async () => {
    const found = (await readFleet(brokerOf(site))).find(({ id }) => id === `${SITE_ID}.${name}`);
    return (
      found?.online === true &&
      found.running?.state === 'confirmed' &&
      found.running.generation === generation
    );
  });

/** A real agent that runs generation 1 from its card. */
async function running(
  t: Test,
  site: TestSite,
  setting: { name: string; port?: number },
): Promise<CardDevice> {
  const device = await CardDevice.at(t, site, {}, setting);
  await device.flash(device.bundle(1));
  await device.start();
  await untilRunning(site, setting.name, 1);
  return device;
}

const uploaded = (site: TestSite, file: string): Promise<BundleItem> => uploadBundle(brokerOf(site), file);

const filling = (bytes: number) => new Map([['boards/uno.hex', Buffer.alloc(bytes, 'code')]]);

const memberOf = (item: RolloutItem) => item.members[0];

t.test(
  'an agent gets its bundle over a link that is cut, is killed meanwhile, and no press waits for it',
  async (t) => {
    const site = await startSite(t);
    const link = await CutLink.make(t, site.mqttPort);
    const device = await running(t, site, { name: 'p-1', port: link.port });
    const bundle = await uploaded(site, device.bundle(2, {}, filling(FILLING_BYTES)));
    link.downBytes = 0;
    link.cutAtBytes = FILLING_BYTES / 4;
    const { id } = await sendTo(brokerOf(site), bundle);
    await until('the link is cut', async () => link.cutAtBytes === null);
    const offline = await tryPress(site, 'p-1', 'b0');
    await site.sim({ request: 'release', name: 'b0' }, 'p-1');
    t.ok(offline, 'pressed while the link is down');
    await until(
      'the site waits for it',
      async () => memberOf(await showRollout(brokerOf(site), id))?.state === 'waiting',
    );
    await device.process.kill();
    const before = link.downBytes;
    link.mend();
    await device.start();
    await until(
      'the press has come',
      async () => (await site.events('wp.panic.pressed.v1', 'p-1')).length === 1,
    );
    t.equal(
      memberOf(await showRollout(brokerOf(site), id))?.state,
      'waiting',
      'left alone while it calls for help',
    );
    const [incident] = await site.incidents();
    await site.request('POST', `incidents/${incident?.id}/resolve`, { cause: 'test' });
    await until('it is sent again', async () => link.downBytes - before > FILLING_BYTES / 4);
    const ended = await follow(brokerOf(site), id);
    t.match(ended, { state: 'finished', members: [{ state: 'confirmed' }] });
    const again = link.downBytes - before;
    t.ok(
      again < bundle.bytes - FILLING_BYTES / 8,
      `${again} of ${bundle.bytes} bytes came after the restart`,
    );
    await untilDrift(site, ['p-1'], 'as-wanted');
    t.same(
      (await site.events('wp.panic.pressed.v1', 'p-1')).map((event) => event.id),
      [offline],
      'once',
    );
  },
);

t.test(
  'three agents in stages; the second is given what it cannot start, and the third nothing',
  async (t) => {
    const site = await startSite(t);
    const names = ['p-1', 'p-2', 'p-3'];
    const devices = await Promise.all(names.map((name) => running(t, site, { name })));
    const files = devices.map((device, n) =>
      device.bundle(2, n === 1 ? { lamp: { driver: 'nonsense' } } : {}, filling(10 * BUNDLE_PIECE_BYTES)),
    );
    const bundles: string[] = [];
    for (const file of files) bundles.push((await uploaded(site, file)).sha256);
    const { id } = await startRollout(brokerOf(site), {
      bundles,
      canary: 1,
      percent: [60],
      rules: { soakS: 1 },
    });
    const halted = await follow(brokerOf(site), id);
    t.match(halted, { state: 'halted', stage: 1, stages: 3 });
    t.same(
      halted.members.map(({ state }) => state),
      ['confirmed', 'rejected', 'waiting'],
    );
    t.match(halted.members[1]?.code, /^WP\d{4}$/);
    await untilRunning(site, 'p-2', 1);
    await untilDrift(site, names, 'as-wanted rejected on-its-way');
    t.equal((await site.events('wp.rollout.halted.v1', 'p-2')).length, 1);
    t.ok(await tryPress(site, 'p-2', 'b1'), 'it takes a press as before');
  },
);
