import t from 'tap';
import * as z from 'zod';
import { EnrolmentItem } from '#contract/http.ts';
import { apiSide } from '../support/api.ts';

const Enrolments = z.object({ items: z.array(EnrolmentItem), next: z.string().nullable() });
const PLACE = { label: 'North gate', latitude: 31.2, longitude: 121.5, floor: 'G' };
const BODY = { place: PLACE, roles: ['pillar'], serial: '4e107e', expiresAt: '2028-11-21T00:00:00.000Z' };

t.test('a device is known before it was ever heard of, and is entered anew when it moves', async (t) => {
  const { call } = await apiSide(t);
  const put = (id: string, body: object = BODY) => call(`enrolments/${id}`, { method: 'PUT', body });
  for (const device of ['mall.c', 'mall.a', 'mall.b']) t.equal((await put(device)).status, 200);
  const moved = await put('mall.a', { ...BODY, place: { label: 'South gate' }, roles: ['mast', 'door'] });
  t.match(moved.json, { id: 'mall.a', place: { label: 'South gate' }, enrolledBy: 'Ada', lastSeenAt: null });
  const first = Enrolments.parse((await call('enrolments?limit=2')).json);
  t.match(first.items, [
    { id: 'mall.a', roles: ['mast', 'door'] },
    { id: 'mall.b', place: PLACE },
  ]);
  const rest = Enrolments.parse((await call(`enrolments?after=${first.next}`)).json);
  t.match(rest, { items: [{ id: 'mall.c' }], next: null });
  t.match(await call('audit?limit=1'), {
    json: { items: [{ who: 'Ada', action: 'device.enrolled', subject: 'mall.a' }] },
  });
});

t.test('only those who may provision enter devices and take them off; all may read', async (t) => {
  const { call } = await apiSide(t);
  const put = (as: 'dispatcher' | 'technician') =>
    call('enrolments/mall.a', { method: 'PUT', body: BODY, as });
  t.match(await put('dispatcher'), { status: 403, json: { code: 'WP3353' } });
  t.match(await put('technician'), { status: 200 });
  t.match(await call('enrolments', { as: 'auditor' }), { status: 200, json: { items: [{ id: 'mall.a' }] } });
  t.match(await call('enrolments/mall.a', { method: 'DELETE', as: 'dispatcher' }), { status: 403 });
  t.match(await call('enrolments/mall.a', { method: 'DELETE' }), { status: 204 });
  t.match(await call('enrolments/mall.a', { method: 'DELETE' }), { status: 404, json: { code: 'WP3404' } });
  t.match(await call('enrolments'), { json: { items: [] } });
});

t.test('what is no device, no role or no place is refused', async (t) => {
  const { call } = await apiSide(t);
  const put = (id: string, body: object) => call(`enrolments/${id}`, { method: 'PUT', body });
  t.match(await put('svc', BODY), { status: 404 });
  for (const change of [{ roles: [] }, { roles: ['king'] }, { place: {} }, { serial: 'xyz' }, { more: 1 }]) {
    t.match(await put('mall.a', { ...BODY, ...change }), { status: 400, json: { code: 'WP3400' } });
  }
});
