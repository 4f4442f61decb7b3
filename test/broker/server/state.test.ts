import t from 'tap';
import { upTopic } from '#contract/topics.ts';
import { pillar, seen, startSite, type TestDevice } from './test-site.ts';

const topic = upTopic(pillar, 'state');
const say = (device: TestDevice, state: object) =>
  device.client.publishAsync(topic, JSON.stringify({ online: true, ...state }), { qos: 1, retain: true });
const lanes = (epoch: string) => ({ alarm: { epoch, oldest: 0, newest: 0 } });

t.test('an older state is ignored, and does not become the retained one', async (t) => {
  const { site, client, device } = await startSite(t);
  const sending = await device();
  await say(sending, { boot: 2, conn: 5, lanes: lanes('a') });
  await say(sending, { boot: 2, conn: 4, lanes: lanes('a') });
  await say(sending, { boot: 1, conn: 9, lanes: lanes('a') });
  t.match(site.device(pillar), { state: { boot: 2, conn: 5 } });
  const listening = await client('svc.console');
  const retained: unknown[] = [];
  listening.on('message', (_, payload) => retained.push(JSON.parse(payload.toString())));
  await listening.subscribeAsync('wp/1/+/+/up/state', { qos: 1 });
  if (retained.length === 0) await seen(listening, 'message');
  t.match(retained, [{ boot: 2, conn: 5 }]);
});

t.test('a later state of the same connection and one of another alarm epoch are taken', async (t) => {
  const { site, device } = await startSite(t);
  const sending = await device();
  await say(sending, { boot: 7, conn: 3, lanes: lanes('a'), queues: { alarm: 1 } });
  await say(sending, { boot: 7, conn: 3, lanes: lanes('a'), queues: { alarm: 2 } });
  t.match(site.device(pillar), { state: { queues: { alarm: 2 } } });
  await say(sending, { boot: 1, conn: 1, lanes: lanes('b') });
  t.match(site.device(pillar), { state: { boot: 1, conn: 1 } });
});

t.test('the last will of a connection tells the site, unless the device is back already', async (t) => {
  const { site, device } = await startSite(t);
  const will = (conn: number) => ({
    will: {
      topic,
      payload: Buffer.from(JSON.stringify({ online: false, boot: 1, conn })),
      qos: 1,
      retain: true,
    } as const,
  });
  const first = await device(pillar, will(1));
  await say(first, { boot: 1, conn: 1 });
  t.match(site.device(pillar), { online: true, state: { online: true } });
  const gone = nextDevice(site.feed, () => site.device(pillar)?.state?.online === false);
  first.client.stream.destroy();
  await gone;
  t.match(site.device(pillar), { online: false, state: { online: false, conn: 1 } });
  const second = await device(pillar, will(2));
  await say(second, { boot: 1, conn: 2 });
  const third = await device(pillar, will(3));
  await say(third, { boot: 1, conn: 3 });
  await site.store.commit(() => undefined);
  t.match(site.device(pillar), { online: true, state: { online: true, conn: 3 } });
});

t.test('a ping is a sign of life, and so is any message', async (t) => {
  const { site, clock, device } = await startSite(t);
  const sending = await device();
  await sending.send(sending.press());
  const before = site.device(pillar)?.lastSeenAt ?? '';
  clock.setWall(clock.wallMs() + 60_000);
  const answered = new Promise((resolve) =>
    sending.client.on('packetreceive', ({ cmd }) => cmd === 'pingresp' && resolve(cmd)),
  );
  sending.client.sendPing();
  await answered;
  t.equal(Date.parse(site.device(pillar)?.lastSeenAt ?? ''), Date.parse(before) + 60_000);
  await clock.advance(30_000);
  t.equal(
    site.store.sql.prepare('SELECT last_seen_at FROM device').pluck().get(),
    new Date(Date.parse(before) + 60_000).toISOString(),
    'noted on disk',
  );
});

function nextDevice(
  feed: Awaited<ReturnType<typeof startSite>>['site']['feed'],
  fits: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const off = feed.on('device', () => {
      if (!fits()) return;
      off();
      resolve();
    });
  });
}

t.test('a device that is heard is seen now, also after the wall clock was set back', async (t) => {
  const { site, clock, device } = await startSite(t);
  const pressing = await device();
  await pressing.send(pressing.press());
  clock.setWall(clock.wallMs() - 3_600_000);
  await pressing.send(pressing.press());
  t.equal(site.device(pillar)?.lastSeenAt, new Date(clock.wallMs()).toISOString());
});
