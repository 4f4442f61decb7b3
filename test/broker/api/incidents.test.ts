import t from 'tap';
import * as z from 'zod';
import { IncidentDetail, IncidentItem, Problem } from '#contract/http.ts';
import { apiSide } from '../support/api.ts';

const List = z.object({ items: z.array(IncidentItem), next: z.string().nullable() });

t.test('a press is listed and read, and walked to its end over HTTP', async (t) => {
  const { take, call } = await apiSide(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const { items } = List.parse((await call('incidents?state=open')).json);
  const id = items[0]?.id ?? '';
  t.match(items, [{ state: 'open', device: 'pillar-001', type: 'wp.panic.pressed.v1' }]);
  const after = async (action: string, body: object) =>
    IncidentDetail.parse((await call(`incidents/${id}/${action}`, { body, as: 'dispatcher' })).json).state;
  t.equal(await after('acknowledge', { note: 'seen' }), 'acknowledged');
  t.equal(await after('assign', { assignee: 'guard-1' }), 'assigned');
  t.equal(await after('arrive', {}), 'on-scene');
  t.equal(await after('resolve', { cause: 'false-alarm' }), 'resolved');
  t.same(List.parse((await call('incidents?state=open')).json).items, []);
  const detail = IncidentDetail.parse((await call(`incidents/${id}`)).json);
  t.match(detail.steps[1], { state: 'acknowledged', who: 'desk-1', note: 'seen' });
});

t.test('an action needs no body, with or without a content type', async (t) => {
  const { take, call, view } = await apiSide(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = view.list({ states: ['open'], before: 9, limit: 1 })[0]?.item.id;
  t.equal((await call(`incidents/${id}/acknowledge`, { method: 'POST' })).status, 200);
  t.equal((await call(`incidents/${id}/assign`, { body: '' })).status, 200);
});

t.test(
  'a step back is 409, a repeat is 200, an unknown incident or action 404, a wrong body 400',
  async (t) => {
    const { take, call, view } = await apiSide(t);
    await take({ type: 'wp.panic.pressed.v1' });
    const id = view.list({ states: ['open'], before: 9, limit: 1 })[0]?.item.id;
    await call(`incidents/${id}/arrive`, { body: {} });
    const repeat = await call(`incidents/${id}/arrive`, { body: {} });
    t.match([repeat.status, repeat.json], [200, { rev: 2 }]);
    const cases: [string, object, number, string][] = [
      [`incidents/${id}/acknowledge`, {}, 409, 'WP3201'],
      ['incidents/none/acknowledge', {}, 404, 'WP3202'],
      [`incidents/${id}/explode`, {}, 404, 'WP3401'],
      [`incidents/${id}/resolve`, { nottte: 'x' }, 400, 'WP3400'],
    ];
    for (const [path, body, status, code] of cases) {
      const answer = await call(path, { body });
      t.match([answer.status, Problem.parse(answer.json).code], [status, code], path);
      t.match(answer.headers.get('content-type'), /^application\/problem\+json/);
    }
  },
);

t.test('lists are newest first and paged by an opaque cursor', async (t) => {
  const { take, call } = await apiSide(t);
  for (let n = 0; n < 5; n++) await take({ type: 'wp.object.left.v1', data: objectData(`o${n}`) });
  const seen: string[] = [];
  let path = 'incidents?limit=2';
  for (let page = 0; page < 3; page++) {
    const { items, next } = List.parse((await call(path)).json);
    seen.push(...items.map(({ openedAt, id }) => `${openedAt} ${id}`));
    t.equal(next === null, page === 2);
    path = `incidents?limit=2&after=${next}`;
  }
  t.equal(new Set(seen).size, 5);
  t.same(seen, [...seen].sort().reverse());
});

t.test('limits over 1000, unknown states and unknown parameters are refused', async (t) => {
  const { call } = await apiSide(t);
  for (const query of ['limit=1001', 'limit=0', 'state=shut', 'stat=open', 'after=x']) {
    t.equal((await call(`incidents?${query}`)).status, 400, query);
  }
  t.equal((await call('incidents?state=open,acknowledged&state=assigned')).status, 200);
});

t.test('roles: an auditor reads and does not act; only some review', async (t) => {
  const { take, call, view } = await apiSide(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = view.list({ states: ['open'], before: 9, limit: 1 })[0]?.item.id;
  t.equal((await call('incidents', { as: 'auditor' })).status, 200);
  const refused = await call(`incidents/${id}/acknowledge`, { body: {}, as: 'auditor' });
  t.match([refused.status, refused.json], [403, { code: 'WP3353' }]);
  t.equal((await call(`incidents/${id}/review`, { body: {}, as: 'dispatcher' })).status, 403);
  t.equal((await call('audit', { as: 'dispatcher' })).status, 403);
  t.equal((await call('audit', { as: 'auditor' })).status, 200);
});

function objectData(objectId: string) {
  return { objectId, box: [0, 0, 0.1, 0.1], score: 0.9, reason: 'still', t: 1, since: 0, camera: 'front' };
}
