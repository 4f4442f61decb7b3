import t from 'tap';
import { upTopic } from '#contract/topics.ts';
import { pillar, place, seen, startSite } from '../test-site.ts';

t.test(
  'poison in front of an alarm is confirmed, filed, rejected in the receipt, and does not block',
  async (t) => {
    const { site, witness, device } = await startSite(t);
    const pressing = await device();
    const poison = pressing.press({ data: { nonsense: true } });
    await pressing.send(poison);
    const press = pressing.press();
    await pressing.send(press);
    const receipt = await pressing.receipt(({ upTo }) => upTo === 2);
    t.match(receipt, { atId: press.id, rejected: [{ seq: 1, code: 'WP1008' }] });
    t.match(witness.poisoned, [
      { ...pillar, code: 'WP1008', eventId: poison.id, type: 'wp.panic.pressed.v1', quarantineRow: 1 },
    ]);
    t.match(site.quarantine.list(5), [{ code: 'WP1008', source: '/wp/north/pillar-1', seq: 1, times: 1 }]);
  },
);

const BAD: readonly [string, string, (good: object) => string | Buffer][] = [
  ['is not JSON', 'WP1002', () => '{"half":'],
  ['is not text', 'WP1002', () => Buffer.from([0xff, 0xfe, 0])],
  ['is not an object', 'WP1003', () => '42'],
  ['lacks a field', 'WP1003', (good) => JSON.stringify({ ...good, id: undefined })],
  ['has a number out of range', 'WP1003', (good) => JSON.stringify({ ...good, wpseq: 2 ** 31 })],
  ['names another source', 'WP1005', (good) => JSON.stringify({ ...good, source: '/wp/north/pillar-2' })],
  ['names another lane', 'WP1006', (good) => JSON.stringify({ ...good, wplane: 'event' })],
  [
    'has a type of another lane',
    'WP1006',
    (good) => JSON.stringify({ ...good, type: 'wp.sensor.crossed.v1' }),
  ],
  ['has data that do not fit', 'WP1008', (good) => JSON.stringify({ ...good, data: { place } })],
  [
    'is nested deeper than it could be written again',
    'WP1003',
    (good) =>
      JSON.stringify(good).replace('"data":{', `"data":{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)},`),
  ],
  ['is too large', 'WP1004', (good) => JSON.stringify({ ...good, more: 'x'.repeat(70_000) })],
];

for (const [what, code, spoil] of BAD) {
  t.test(`a message that ${what} is confirmed and quarantined with ${code}`, async (t) => {
    const { site, witness, registry, device } = await startSite(t);
    const pressing = await device();
    await pressing.client.publishAsync(upTopic(pillar, 'alarm'), spoil(pressing.press()), { qos: 1 });
    t.match(site.quarantine.list(5), [{ code, times: 1 }]);
    t.match(witness.poisoned, [{ code }], 'an alarm that cannot be read is an alarm all the same');
    t.same(site.ledger.list({ limit: 5 }), []);
    t.match(await registry.metrics(), `watchpost_quarantined_total{code="${code}"} 1`);
  });
}

t.test('the same poison again counts up, and calls nobody twice', async (t) => {
  const { site, witness, device } = await startSite(t);
  const pressing = await device();
  for (let times = 0; times < 3; times += 1) {
    await pressing.client.publishAsync(upTopic(pillar, 'alarm'), 'x', { qos: 1 });
  }
  t.match(site.quarantine.list(5), [{ code: 'WP1002', times: 3 }]);
  t.same(site.quarantine.totals(), { WP1002: 3 });
  t.equal(witness.poisoned.length, 1);
});

t.test('poison on another lane opens nothing, and is not handed to subscribers', async (t) => {
  const { witness, client, device } = await startSite(t);
  const listening = await client('svc.console');
  await listening.subscribeAsync('wp/1/#', { qos: 1 });
  const heard: string[] = [];
  listening.on('message', (topic) => heard.push(topic));
  const sending = await device();
  await sending.client.publishAsync(upTopic(pillar, 'event'), 'x', { qos: 1 });
  await sending.client.publishAsync(upTopic(pillar, 'state'), 'x', { qos: 1, retain: true });
  await sending.client.publishAsync(`wp/1/north/pillar-1/up/unheard-of`, 'x', { qos: 1 });
  await sending.client.publishAsync(`wp/1/north/pillar-1/up/blob/pic/0`, '', { qos: 1 });
  await sending.send(sending.press());
  // Receipts come by themselves and may be there before.
  while (!heard.includes(upTopic(pillar, 'alarm'))) await seen(listening, 'message');
  t.same(
    heard.filter((topic) => topic.includes('/up/')),
    [upTopic(pillar, 'alarm')],
  );
  t.same(witness.poisoned, []);
});
