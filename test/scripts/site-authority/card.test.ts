import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { DeviceCard } from '#contract/device-card.ts';
import { readBundleRoot } from '#scripts/site-authority/bundle-keys.ts';
import { brokersAt, makeRoom, nameCard } from '#scripts/site-authority/device-card.ts';
import { DeviceFolder } from '#scripts/site-authority/device-folder.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { NOW_MS, newSite, provision, type TestSite } from './support.ts';

const address = { site: 'mall', device: 'pillar-001' };

async function makeCard(site: TestSite, to: string): Promise<void> {
  await makeRoom({ to, chain: readBundleRoot(site.dir) });
  await provision(site, { to });
  nameCard({ to, address, brokers: brokersAt(['localhost', '::1']), nowMs: NOW_MS });
}

t.test('a card has all that a device starts from, for its owner alone', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await makeCard(site, card);
  t.strictSame(DeviceCard.parse(JSON.parse(readFileSync(join(card, 'device.json'), 'utf8'))), {
    ...{ format: 1, ...address, brokers: ['mqtts://localhost:8883', 'mqtts://[::1]:8883'] },
    madeAt: new Date(NOW_MS).toISOString(),
  });
  t.equal(statSync(join(card, 'device.json')).mode & 0o777, 0o600);
  for (const folder of ['slots', 'inbox', 'data']) t.equal(statSync(join(card, folder)).mode & 0o777, 0o700);
  const slots = new SlotStore(new FileDisk(join(card, 'slots')));
  const [known] = readBundleRoot(site.dir).roots;
  t.strictSame(await slots.root(), known, 'its slots trust the keys of its site');
  t.match(await slots.state(), { confirmed: null, floor: null, trial: null });
});

t.test('made again, its slots keep what they have', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await makeCard(site, card);
  const before = readFileSync(join(card, 'slots', 'super-0'));
  await makeRoom({ to: card, chain: readBundleRoot(site.dir) });
  t.strictSame(readFileSync(join(card, 'slots', 'super-0')), before);
});

t.test('another device’s card is left alone, also when an identity may be replaced', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await makeCard(site, card);
  await t.rejects(provision(site, { to: card, device: 'pillar-002', existing: 'replace' }), {
    code: 'WP4417',
  });
  t.match(readCard(card), address);
  writeFileSync(join(card, 'device.json'), '{"format":1}');
  t.throws(() => readCard(card), { code: 'WP4211' });
});

t.test('a card that cannot take slots is said', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  writeFileSync(join(card, 'slots'), 'in the way');
  await t.rejects(makeRoom({ to: card, chain: readBundleRoot(site.dir) }), { code: 'WP4407' });
});

t.test('a new folder is made, but none where a card should be mounted', async (t) => {
  const dir = temporaryFolder(t);
  new DeviceFolder(join(dir, 'card')).make();
  t.equal(statSync(join(dir, 'card')).mode & 0o777, 0o700);
  new DeviceFolder('/media/not-in').make();
  t.throws(() => new DeviceFolder('/media/not-in').check('refuse'), { code: 'WP4407' });
  t.throws(() => new DeviceFolder(join(dir, 'no', 'such')).make(), { code: 'WP4407' });
  t.strictSame(readdirSync(dir), ['card']);
  rmSync(join(dir, 'card'), { recursive: true });
  mkdirSync(join(dir, 'card'));
});

t.test('a key is not put on FAT, where whoever holds the stick could read it', async (t) => {
  const dir = temporaryFolder(t);
  for (const type of [0x4d44, 0x2011bab0]) {
    t.throws(() => new DeviceFolder(dir, () => type).check('refuse'), { code: 'WP4432' });
  }
  t.doesNotThrow(() => new DeviceFolder(dir).check('refuse'), 'what is here is none');
});
