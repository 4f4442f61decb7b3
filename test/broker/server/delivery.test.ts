import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { downFilter } from '#contract/topics.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { pillar, place, startSite } from './test-site.ts';

t.test('receipts are cumulative over what came out of order, and ask for what is missing', async (t) => {
  const { device } = await startSite(t);
  const pressing = await device();
  const [first, second, third, fifth] = [1, 2, 3, 5].map((wpseq) => pressing.press({ wpseq }));
  await pressing.send(first ?? {});
  await pressing.send(third ?? {});
  await pressing.send(fifth ?? {});
  t.match(await pressing.receipt(({ missing }) => missing?.length === 2), {
    upTo: 1,
    atId: first?.id,
    missing: [
      [2, 2],
      [4, 4],
    ],
  });
  await pressing.send(second ?? {});
  t.match(await pressing.receipt(({ upTo }) => upTo === 3), { atId: third?.id, missing: [[4, 4]] });
});

t.test('a dropped range closes its gap, in another lane too', async (t) => {
  const { device } = await startSite(t);
  const sending = await device();
  const [first, fourth] = [1, 4].map((wpseq) => sending.envelope('wp.sensor.crossed.v1', crossed, { wpseq }));
  await sending.send(first ?? {}, 'event');
  await sending.send(fourth ?? {}, 'event');
  const dropped = (lane: string, from: number, to: number, wpseq: number) =>
    sending.envelope('wp.lane.dropped.v1', { epoch: 'epoch-1', lane, from, to, reason: 'space' }, { wpseq });
  await sending.send(dropped('event', 2, 3, 5), 'event');
  const receipt = await sending.receipt(({ lane, upTo }) => lane === 'event' && upTo === 5);
  t.notOk(receipt.missing);
  await sending.send(dropped('telemetry', 1, 900, 6), 'event');
  t.match(await sending.receipt(({ lane }) => lane === 'telemetry'), { upTo: 900, atId: null });
});

t.test('what was declared dropped and comes after all is taken, without moving the watermark', async (t) => {
  const { site, device } = await startSite(t);
  const sending = await device();
  const late = sending.envelope('wp.sensor.crossed.v1', crossed, { wpseq: 1 });
  const data = { epoch: 'epoch-1', lane: 'event', from: 1, to: 1, reason: 'space' };
  await sending.send(sending.envelope('wp.lane.dropped.v1', data, { wpseq: 2 }), 'event');
  await sending.receipt(({ upTo }) => upTo === 2);
  await sending.send(late, 'event');
  t.ok(site.ledger.byId(late.id));
  t.equal(site.ledger.watermarks.get({ source: late.source, epoch: 'epoch-1', lane: 'event' }).upTo, 2);
});

t.test('an event sent again is receipted again and taken once', async (t) => {
  const { site, witness, device } = await startSite(t);
  const pressing = await device();
  const press = pressing.press();
  await pressing.send(press);
  await pressing.receipt(({ upTo }) => upTo === 1);
  pressing.receipts.length = 0;
  await pressing.send(press);
  await pressing.receipt(({ upTo }) => upTo === 1);
  t.equal(site.ledger.list({ limit: 10 }).length, 1);
  t.equal(witness.events.length, 1);
});

t.test('an event that retention has removed is receipted when it comes again, and not taken', async (t) => {
  const { site, witness, device } = await startSite(t);
  const pressing = await device();
  const presses = [pressing.press(), pressing.press(), pressing.press()];
  for (const press of presses) await pressing.send(press);
  const { removed } = await site.ledger.prune({ lane: 'alarm', upToRow: 1e9, keep: [] });
  t.equal(removed, 3);
  pressing.receipts.length = 0;
  for (const press of presses) await pressing.send(press);
  await pressing.receipt(({ upTo, atId }) => upTo === 3 && atId === presses[2]?.id);
  t.same(site.ledger.list({ limit: 10 }), []);
  t.equal(witness.events.length, 3);
});

t.test(
  'a number taken by another event is quarantined with WP1007, and the receipt shows whose it is',
  async (t) => {
    const { site, witness, device } = await startSite(t);
    const pressing = await device();
    const press = pressing.press();
    await pressing.send(press);
    await pressing.receipt(({ upTo }) => upTo === 1);
    pressing.receipts.length = 0;
    const cloned = pressing.press({ wpseq: 1 });
    await pressing.send(cloned);
    const receipt = await pressing.receipt(({ upTo }) => upTo === 1);
    t.equal(receipt.atId, press.id);
    t.notOk(receipt.rejected, 'the device must not take it for settled');
    t.match(site.quarantine.list(10), [{ code: 'WP1007', seq: 1, eventId: cloned.id }]);
    t.match(
      witness.poisoned,
      [{ code: 'WP1007', eventId: cloned.id }],
      'it may be a call for help all the same',
    );
    pressing.epoch = 'epoch-2';
    await pressing.send({ ...cloned, wpepoch: 'epoch-2' });
    t.match(await pressing.receipt(({ epoch }) => epoch === 'epoch-2'), { upTo: 1, atId: cloned.id });
  },
);

t.test('a ledger restored from a copy has another id, and takes again what it had forgotten', async (t) => {
  const first = await startSite(t);
  const pressing = await first.device();
  const [early, late] = [pressing.press(), pressing.press()];
  await pressing.send(early);
  const { ledgerId } = first.site;
  const copy = join(temporaryFolder(t), 'copy.db');
  await first.close();
  copyFileSync(join(first.dataDir, 'site.db'), copy);
  const second = await startSite(t, { dataDir: first.dataDir });
  await (await second.device()).send(late);
  t.equal(second.site.ledgerId, ledgerId);
  await second.close();
  copyFileSync(copy, join(first.dataDir, 'site.db'));
  const third = await startSite(t, { dataDir: first.dataDir });
  const again = await third.device();
  const receipt = await again.receipt(() => true);
  t.not(receipt.ledgerId, ledgerId);
  t.match(receipt, { upTo: 1, atId: early.id });
  await again.send(early);
  await again.send(late);
  await again.receipt(({ upTo, atId }) => upTo === 2 && atId === late.id);
  t.equal(third.site.ledger.list({ limit: 10 }).length, 2);
});

t.test('an alarm that could not be stored is taken and named in volatile', async (t) => {
  const { site, witness, device } = await startSite(t);
  const pressing = await device();
  const { wpseq: _, ...unstored } = { ...pressing.press(), wpstored: false };
  await pressing.send(unstored);
  t.match(await pressing.receipt(({ volatile }) => volatile !== undefined), {
    upTo: 0,
    volatile: [unstored.id],
  });
  await pressing.send(unstored);
  t.equal(site.ledger.list({ limit: 10 }).length, 1);
  t.equal(witness.events.length, 1);
});

t.test('receipts of the newest epochs are sent at every SUBSCRIBE', async (t) => {
  const { site, device } = await startSite(t);
  const pressing = await device();
  await pressing.send(pressing.press());
  pressing.epoch = 'epoch-2';
  const press = pressing.press({ wpseq: 1 });
  await pressing.send(press);
  await pressing.client.endAsync();
  const subscribed: unknown[] = [];
  site.feed.on('subscribed', (address) => subscribed.push(address));
  const again = await device();
  t.match(await again.receipt(() => true), { epoch: 'epoch-2', upTo: 1, atId: press.id });
  t.same(subscribed, [pillar]);
  again.receipts.length = 0;
  await again.client.subscribeAsync(downFilter(pillar), { qos: 1 });
  await again.receipt(({ epoch }) => epoch === 'epoch-2');
  t.notOk(again.receipts.some(({ epoch }) => epoch === 'epoch-1'));
});

t.test('a state names the lanes of which the site has nothing, and gets receipts of 0', async (t) => {
  const { device } = await startSite(t);
  const sending = await device();
  const lanes = { alarm: { epoch: 'epoch-9', oldest: 1, newest: 4 } };
  await sending.client.publishAsync(
    'wp/1/north/pillar-1/up/state',
    JSON.stringify({ online: true, boot: 1, conn: 1, lanes }),
    { qos: 1, retain: true },
  );
  t.match(await sending.receipt(({ epoch }) => epoch === 'epoch-9'), { lane: 'alarm', upTo: 0, atId: null });
});

t.test(
  'events of an unset clock are dated by the first synced one of their boot, before and after it',
  async (t) => {
    const { site, witness, clock, device } = await startSite(t);
    const sending = await device();
    const at = Date.UTC(2026, 0, 1, 12);
    const old = { wpclock: 'unset', time: '1970-01-01T00:00:10.000Z' } as const;
    clock.setWall(at);
    const before = sending.press({ ...old, wpmono: '10000' });
    await sending.send(before);
    t.equal(site.ledger.byId(before.id)?.happenedAt, new Date(at).toISOString(), 'from its arrival at first');
    const synced = sending.press({ time: new Date(at + 50_000).toISOString(), wpmono: '60000' });
    await sending.send(synced);
    t.equal(site.ledger.byId(before.id)?.happenedAt, new Date(at).toISOString());
    t.match(witness.redated, [
      { happenedAt: new Date(at).toISOString(), envelope: { id: before.id, time: old.time } },
    ]);
    const after = sending.press({ ...old, wpmono: '61000' });
    await sending.send(after);
    t.equal(site.ledger.byId(after.id)?.happenedAt, new Date(at + 51_000).toISOString());
    const otherBoot = sending.press({ ...old, wpmono: '5000', wpboot: 'boot-2' });
    clock.setWall(at + 100_000);
    await sending.send(otherBoot);
    t.equal(site.ledger.byId(otherBoot.id)?.happenedAt, new Date(at + 100_000).toISOString());
  },
);

t.test('the site, not the device, says what is a test', async (t) => {
  const { site, witness, device } = await startSite(t, { judge: (_, { wpseq }) => wpseq === 2 });
  const pressing = await device();
  await pressing.send(pressing.press({ wptest: true }));
  await pressing.send(pressing.press());
  t.same(
    witness.events.map(({ test, envelope }) => [test, envelope.wptest]),
    [
      [false, undefined],
      [true, true],
    ],
  );
  t.same(
    site.list({ device: pillar, type: null, before: 1e9, limit: 5 }).map(({ row, wptest }) => [row, wptest]),
    [
      [2, true],
      [1, undefined],
    ],
  );
});

const crossed = { place, sensor: 'water', value: 3, unit: 'cm', threshold: 2, direction: 'above' };
