import t from 'tap';
import {
  addressOfClientId,
  addressOfSource,
  addressOfVdaClientId,
  clientIdOf,
  sourceOf,
  vdaClientIdOf,
} from '#contract/names.ts';
import { downFilter, downTopic, parseTopic, upBlobTopic, upTopic, vdaTopic } from '#contract/topics.ts';
import { seeded } from '#test/support/random.ts';

const pillar = { site: 'demo', device: 'pillar-001' };

t.test('what is built is read back', async (t) => {
  t.same(parseTopic(upTopic(pillar, 'alarm')), { ...pillar, direction: 'up', channel: 'alarm' });
  t.same(parseTopic(downTopic(pillar, 'receipt')), { ...pillar, direction: 'down', channel: 'receipt' });
  t.same(parseTopic(upBlobTopic(pillar, 'b-1', 12)), {
    ...pillar,
    direction: 'up',
    channel: 'blob',
    blobId: 'b-1',
    piece: 12,
  });
  t.equal(downFilter(pillar), 'wp/1/demo/pillar-001/down/#');
  t.same(addressOfClientId(clientIdOf(pillar)), pillar);
  t.same(addressOfSource(sourceOf(pillar)), pillar);
});

t.test('what is not the wire’s is null, whatever it is', async (t) => {
  const strange = [
    '',
    '/',
    'wp/1',
    'wp/2/demo/pillar-001/up/alarm',
    'wp/1/Demo/pillar-001/up/alarm',
    'wp/1/demo/pillar_001/up/alarm',
    'wp/1/demo/pillar-001/up/receipt',
    'wp/1/demo/pillar-001/down/alarm',
    'wp/1/demo/pillar-001/up/alarm/more',
    'wp/1/demo/pillar-001/up/blob/x',
    'wp/1/demo/pillar-001/up/blob/x/01',
    'wp/1/demo/pillar-001/up/blob/x/-1',
    'wp/1/demo/pillar-001/up/blob/../1',
    `wp/1/demo/${'x'.repeat(33)}/up/alarm`,
    'wp/1/demo/pillar-001/up/__proto__',
    'wp/1/demo/pillar-001/up/#',
    '\u0000',
  ];
  for (const topic of strange) t.equal(parseTopic(topic), null, JSON.stringify(topic));
  for (const id of ['', 'demo', 'demo.pillar.vda', 'Demo.x', '.x']) t.equal(addressOfClientId(id), null, id);
  for (const source of ['', '/wp/demo', 'wp/demo/x/', '/wp/demo/x/y'])
    t.equal(addressOfSource(source), null, source);
});

t.test('random topics never throw and are read back whole when they are the wire’s', async (t) => {
  const random = seeded(20_260_101);
  const levels = ['wp', '1', 'demo', 'up', 'down', 'alarm', 'blob', 'receipt', '', '#', '7', 'x'.repeat(33)];
  let read = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const topic = ['wp', '1', ...Array.from({ length: random(7) }, () => levels[random(levels.length)])].join(
      '/',
    );
    const parsed = parseTopic(topic);
    if (parsed === null) continue;
    read += 1;
    const again =
      parsed.channel === 'blob'
        ? `wp/1/${parsed.site}/${parsed.device}/${parsed.direction}/blob/${parsed.blobId}/${parsed.piece}`
        : `wp/1/${parsed.site}/${parsed.device}/${parsed.direction}/${parsed.channel}`;
    t.equal(again, topic);
  }
  t.ok(read > 10, `${read} of the random topics were the wire’s`);
});

t.test(
  'a robot’s VDA 5050 topics carry its client id as serial number, in the alphabet of the standard',
  async (t) => {
    const root = { interfaceName: 'uagv', majorVersion: 'v2', manufacturer: 'watchpost' } as const;
    t.equal(vdaTopic(pillar, root, 'order'), 'uagv/v2/watchpost/demo.pillar-001/order');
    t.match(clientIdOf(pillar), /^[A-Za-z0-9_.:-]+$/);
    t.equal(parseTopic(vdaTopic(pillar, root, 'state')), null, 'none of the wire’s');
  },
);

t.test('a robot’s second connection is named after the first', async (t) => {
  t.same(addressOfVdaClientId(vdaClientIdOf(pillar)), pillar);
  for (const wrong of ['demo.pillar-001', '.vda', 'demo.vda', 'a.b.c.vda', 'demo.pillar-001.VDA']) {
    t.equal(addressOfVdaClientId(wrong), null, wrong);
  }
});
