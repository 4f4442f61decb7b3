import t from 'tap';
import * as z from 'zod';
import type { EventQuery } from '#broker/api/ports.ts';
import { eventItemOf } from '#broker/server/site.ts';
import { DeviceItem, EventItem } from '#contract/http.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { apiSide } from '../support/api.ts';
import { ledgerEvent, PILLAR, PLACE } from '../support/desk.ts';

const Devices = z.object({ items: z.array(DeviceItem), next: z.string().nullable() });
const Events = z.object({ items: z.array(EventItem), next: z.string().nullable() });

t.test('devices are listed by id, page by page, with the incident that is open there', async (t) => {
  const { call, devices, take, view } = await apiSide(t);
  for (const device of ['c', 'a', 'b']) devices.put({ site: 'mall', device });
  devices.put({ ...PILLAR, place: PLACE });
  await take({ type: 'wp.panic.pressed.v1' });
  const first = Devices.parse((await call('devices?limit=3')).json);
  t.same(
    first.items.map(({ id }) => id),
    ['mall.a', 'mall.b', 'mall.c'],
  );
  const rest = Devices.parse((await call(`devices?limit=3&after=${first.next}`)).json);
  t.match(rest, { items: [{ id: 'mall.pillar-001', place: PLACE }], next: null });
  const one = DeviceItem.parse((await call('devices/mall.pillar-001')).json);
  t.equal(one.openIncidentId, view.openIncidentOf(PILLAR));
  t.match(await call('devices/mall.none'), { status: 404, json: { code: 'WP3404' } });
  t.match(await call('devices/..%2f..'), { status: 404 });
});

t.test('events are asked for by device, type and cursor, one more than the page holds', async (t) => {
  const clock = new ManualClock();
  const rows = [3, 2, 1]
    .map(() => eventItemOf(ledgerEvent(clock, { type: 'wp.panic.pressed.v1' })))
    .reverse();
  const asked: EventQuery[] = [];
  const list = (query: EventQuery) => {
    asked.push(query);
    return rows.filter(({ row }) => row < query.before).slice(0, query.limit);
  };
  const { call } = await apiSide(t, { events: { list } });
  const first = Events.parse(
    (await call('events?device=mall.pillar-001&type=wp.panic.pressed.v1&limit=2')).json,
  );
  t.match(asked, [{ device: PILLAR, type: 'wp.panic.pressed.v1', limit: 3 }]);
  t.match(first.items, rows.slice(0, 2));
  const rest = Events.parse((await call(`events?limit=2&after=${first.next}`)).json);
  t.match(rest, { items: rows.slice(2), next: null });
  t.same(asked[1], { device: null, type: null, before: rows[1]?.row, limit: 3 });
});

t.test('a filter that cannot match is an error and not an empty list', async (t) => {
  const { call } = await apiSide(t);
  t.equal((await call('events?limit=1000')).status, 200);
  t.equal((await call('events?limit=1001')).status, 400);
  t.equal((await call('events?type=panic')).status, 400);
  t.equal((await call('events?device=pillar')).status, 404);
  t.equal((await call('events?devise=mall.pillar-001')).status, 400);
});

t.test('the audit is listed with its head, newest first', async (t) => {
  const { call, take } = await apiSide(t);
  await take({ type: 'wp.panic.pressed.v1' });
  await take({ type: 'wp.smoke.detected.v1' });
  const answer = z
    .object({
      items: z.array(z.looseObject({ row: z.int(), action: z.string(), hash: z.string() })),
      next: z.string().nullable(),
      head: z.object({ row: z.int(), hash: z.string() }),
    })
    .parse((await call('audit?limit=1')).json);
  t.same({ row: answer.items[0]?.row, hash: answer.items[0]?.hash }, answer.head);
  t.equal(answer.next, String(answer.head.row));
});
