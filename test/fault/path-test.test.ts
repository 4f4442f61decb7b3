import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DeviceItem } from '#contract/http.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { until } from '#test/support/site.ts';
import { layOut, press, startDevice, startSite, untilDelivered } from './support/bench.ts';

const DEVICE = 'pillar-001';

t.test('a test alarm goes all the way and back, its times are kept, and nobody is paged', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const file = join(site.folder(DEVICE), 'profile.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), testEveryH: 12 }));
  await startDevice(site, DEVICE);
  await until('the device is up', async () => (await site.state(DEVICE)).link === 'up');
  const incidentsBefore = (await site.incidents()).length;
  const path = `devices/${SITE_ID}.${DEVICE}`;
  const { status, body } = await site.request('POST', `${path}/commands`, { name: 'test-alarm', args: {} });
  t.match({ status, body }, { status: 200, body: { reply: { ok: true } } });
  const eventId = Object(body).reply.result.eventId;
  const device = await until('its times are known', async () => {
    const item = DeviceItem.parse((await site.request('GET', path)).body);
    return item.lastTest?.receivedMs === null || item.lastTest?.receiptedAt === null ? null : item;
  });
  t.match(device, { lastTest: { eventId, cause: 'command' }, state: { testEveryH: 12 } });
  const { raisedAt = '', receivedAt = '', receiptedAt = '', sentMs, receivedMs } = device.lastTest ?? {};
  t.ok(
    raisedAt <= receivedAt && receivedAt <= (receiptedAt ?? ''),
    `${raisedAt} ${receivedAt} ${receiptedAt}`,
  );
  t.ok((sentMs ?? -1) >= 0 && (receivedMs ?? -1) >= (sentMs ?? 0), `${sentMs} ms, ${receivedMs} ms`);
  t.equal((await site.incidents()).length, incidentsBefore, 'no incident');
  t.equal((await site.state(DEVICE)).panic, 'idle', 'nothing is shown');
  t.match(await site.events('wp.path.tested.v1', DEVICE), [{ id: eventId, wplane: 'alarm' }]);
  const pressed = await press(site, DEVICE, 'b0');
  await untilDelivered(site, DEVICE, [pressed]);
  const refused = await site.request('POST', `${path}/commands`, { name: 'test-alarm', args: {} });
  t.match(refused.body, { reply: { ok: false, code: 'WP2110' } }, 'and none beside a call for help');
});
