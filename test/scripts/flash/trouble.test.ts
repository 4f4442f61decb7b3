import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isFatMount } from '#scripts/flash/folder/file-system.ts';
import { MountedInbox } from '#scripts/flash/folder/mounted-inbox.ts';
import { chooseName } from '#scripts/flash/inbox/choice.ts';
import type { Inbox } from '#scripts/flash/inbox/inbox.ts';
import { InboxTarget } from '#scripts/flash/inbox/inbox-target.ts';
import { fatImage, flash, folder, hashOf, inImage, NO_FAT, TestBundles, watchpost } from './kit.ts';
import { NO_TRACE, tracing } from './write-trace.ts';

t.test(
  'a card that fails in the middle is told, the bundle before stays whole, and the next run goes through',
  { skip: NO_FAT === false ? NO_TRACE : NO_FAT },
  async (t) => {
    const dir = folder(t);
    const bundles = new TestBundles(dir);
    const image = fatImage(dir, 'card.img', 4);
    const [one, two] = [bundles.file('1.wpb', 1, 300_000), bundles.file('2.wpb', 2, 300_000)];
    t.match(await watchpost(['flash', one, '--to', image, '--yes']), { code: 0 });
    for (const writes of ['0', '1', '2', '3']) {
      const env = { ...tracing(dir, image), FAIL_AFTER: writes };
      t.match(
        await watchpost(['flash', two, '--to', image, '--yes'], env),
        { code: 1, err: /WP4312/ },
        `after ${writes} writes`,
      );
      t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(one));
    }
    t.match(await watchpost(['flash', two, '--to', image, '--yes']), { code: 0 });
    t.strictSame(inImage(image, 'WPB.WPB'), readFileSync(two));
  },
);

t.test('a card that holds something else than was written is told', { skip: NO_FAT }, async (t) => {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const source = await bundles.source('1.wpb', 1, 100_000);
  for (const fault of ['changed', 'cut off'] as const) {
    const stick = new MountedInbox(dir, 'a stick');
    const worn: Inbox = Object.assign(Object.create(stick), {
      freeBytes: () => stick.freeBytes(),
      sizeOf: () => Promise.resolve(null),
      sync: () => stick.sync(),
      forget: () => Promise.resolve(true),
      write: async () => {
        const bytes = readFileSync(source.file);
        bytes[5_000] = (bytes[5_000] ?? 0) ^ 4;
        writeFileSync(join(dir, 'WPA.WPB'), fault === 'changed' ? bytes : bytes.subarray(0, 5_000));
      },
      read: (name: 'WPA.WPB', take: (content: AsyncIterable<Uint8Array>) => Promise<void>) =>
        stick.read(name, take),
      close: () => stick.close(),
    });
    await t.rejects(flash(new InboxTarget('stick', source, async () => worn)), { code: 'WP4313' }, fault);
  }
});

t.test('a mounted stick gets the bundle under two names by turns', async (t) => {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const stick = folder(t);
  const open = async () => new MountedInbox(stick, 'a stick');
  for (const generation of [1, 2, 3]) {
    await flash(new InboxTarget(stick, await bundles.source(`${generation}.wpb`, generation, 10_000), open));
  }
  t.equal(hashOf(join(stick, 'WPA.WPB')), hashOf(join(dir, '3.wpb')));
  t.equal(hashOf(join(stick, 'WPB.WPB')), hashOf(join(dir, '2.wpb')));
  writeFileSync(join(stick, 'WPB.WPB'), 'half a bundle');
  t.match(await watchpost(['flash', join(dir, '1.wpb'), '--to', stick, '--dry-run']), {
    code: 0,
    out: /WPA\.WPB \(generation 3 of mall\.pillar-001\) is newer.*WPB\.WPB \(damaged\) is no whole bundle.*write WPB\.WPB, over/s,
  });
});

t.test('a FAT is known by what is mounted at the very folder', async (t) => {
  const mounts = [
    '36 25 8:17 / /media/anna/WATCH\\040POST rw,nosuid - vfat /dev/sdb1 rw',
    '25 1 254:0 / / rw - ext4 /dev/vda rw',
  ].join('\n');
  t.equal(isFatMount('/media/anna/WATCH POST', mounts), true);
  t.equal(isFatMount('/media/anna', mounts), false);
  t.equal(isFatMount('/', mounts), false);
});

t.test('never over the newest whole bundle of the device', async (t) => {
  const wanted = { device: 'mall.a', generation: 5, sha256: '5' };
  const of = (device: string, generation: number) => ({
    device,
    generation,
    sha256: `${device}${generation}`,
  });
  const bundles = [null, of('mall.a', 4), of('mall.a', 7), of('mall.b', 9)] as const;
  for (const a of [undefined, ...bundles]) {
    for (const b of [undefined, ...bundles]) {
      const lying = [
        ...(a === undefined ? [] : [{ name: 'WPA.WPB' as const, bytes: 1, bundle: a }]),
        ...(b === undefined ? [] : [{ name: 'WPB.WPB' as const, bytes: 1, bundle: b }]),
      ];
      const { name } = chooseName(lying, wanted);
      const newest = Math.max(
        ...lying.map(({ bundle }) => (bundle?.device === 'mall.a' ? bundle.generation : 0)),
      );
      const lost = lying.find((each) => each.name === name)?.bundle;
      const kept = lying.find((each) => each.name !== name)?.bundle;
      const isLost = lost?.device === 'mall.a' && lost.generation === newest && kept?.generation !== newest;
      t.notOk(newest > 0 && isLost, `${JSON.stringify(lying)} → ${name}`);
    }
  }
});
