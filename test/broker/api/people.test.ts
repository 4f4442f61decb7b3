import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { PERMISSIONS } from '#broker/auth/roles.ts';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { NewTokenItem, PersonItem, SessionItem } from '#contract/http.ts';
import { PASSWORD } from '../support/access.ts';
import { type Answer, apiSide, TOKENS } from '../support/api.ts';

const cookieIn = ({ headers }: Answer) => headers.get('set-cookie')?.split(';')[0] ?? '';

t.test('a supervisor names a dispatcher, who signs in, acts, and changes the password', async (t) => {
  const { call, take, view } = await apiSide(t);
  const made = await call('people', {
    as: 'supervisor',
    body: { name: 'desk-9', role: 'dispatcher', password: PASSWORD },
  });
  t.equal(made.status, 201);
  t.match(PersonItem.parse(made.json), { name: 'desk-9', source: 'site', createdBy: 'supervisor-1' });
  t.notMatch(made.text, /scrypt/);
  const signedIn = await call('session', { as: null, body: { name: 'desk-9', password: PASSWORD } });
  t.match(signedIn.json, {
    name: 'desk-9',
    role: 'dispatcher',
    permissions: ['read', 'act', 'command', 'evidence'],
  });
  const headers = { cookie: cookieIn(signedIn) };
  const me = await call('session', { as: null, headers });
  t.match(SessionItem.parse(me.json), { name: 'desk-9', expiresAt: /^2026-01-01T12/ });
  await take({ type: 'wp.panic.pressed.v1' });
  const id = view.list({ states: ['open'], before: 9, limit: 1 })[0]?.item.id;
  t.equal((await call(`incidents/${id}/acknowledge`, { as: null, headers, body: {} })).status, 200);
  const change = (body: object) => call('people/desk-9', { as: null, headers, method: 'PATCH', body });
  t.match(await change({ password: 'nine louder lanterns' }), { status: 400 }, 'without the one until now');
  t.match(await change({ password: 'nine louder lanterns', current: 'wrong' }), { status: 401 });
  t.match(await change({ role: 'supervisor', current: PASSWORD }), { status: 409, json: { code: 'WP3362' } });
  const changed = await change({ password: 'nine louder lanterns', current: PASSWORD });
  t.equal(changed.status, 200);
  t.equal((await call('devices', { as: null, headers })).status, 401, 'the old session is over');
  t.equal((await call('devices', { as: null, headers: { cookie: cookieIn(changed) } })).status, 200);
  t.equal((await call('session', { as: null, body: { name: 'desk-9', password: PASSWORD } })).status, 401);
});

t.test('only those who may name people see or change them', async (t) => {
  const { call } = await apiSide(t);
  for (const as of ['dispatcher', 'technician', 'auditor'] as const) {
    const body = { name: 'desk-9', role: 'auditor' };
    const answers = [
      await call('people', { as }),
      await call('people', { as, body }),
      await call('people/desk-1', {
        as: as === 'dispatcher' ? 'auditor' : as,
        method: 'PATCH',
        body: { role: 'admin' },
      }),
      await call('people/desk-1', { as, method: 'DELETE' }),
    ];
    t.same(
      answers.map(({ status }) => status),
      [403, 403, 403, 403],
      as,
    );
  }
  const listed = await call('people', { as: 'supervisor' });
  t.match(listed.json, {
    items: [{ name: 'Ada' }, { name: 'Tao' }, { name: 'auditor-1' }, {}, {}],
    next: null,
  });
  t.equal((await call('people/nobody-1', { method: 'DELETE' })).status, 404);
  t.equal((await call('people', { body: { name: 'Not A Name', role: 'auditor' } })).status, 400);
  t.equal((await call('people', { body: { name: 'admin', role: 'auditor' } })).status, 400);
});

t.test('whoever is disabled is out at once: session, token, and the open stream', async (t) => {
  const { call, url, feed } = await apiSide(t);
  await call('people', { body: { name: 'desk-9', role: 'dispatcher', password: PASSWORD } });
  const session = await call('session', { as: null, body: { name: 'desk-9', password: PASSWORD } });
  const headers = { cookie: cookieIn(session) };
  const token = await call('tokens', { as: null, headers, body: { label: 'map', scopes: ['read'] } });
  const authorization = `Bearer ${NewTokenItem.parse(token.json).token}`;
  const stream = request(`${url}/api/v1/stream`, { headers });
  stream.end();
  const [response] = await once(stream, 'response');
  const ended = once(response, 'end');
  response.resume();
  t.equal(feed.consoles, 1);
  await call('people/desk-9', { as: 'supervisor', method: 'PATCH', body: { disabled: true } });
  t.equal(feed.consoles, 0);
  await ended;
  t.equal((await call('devices', { as: null, headers })).status, 401);
  t.equal((await call('devices', { as: null, headers: { authorization } })).status, 401);
});

t.test(
  'a token may no more than its scopes, names its end, and answers its own code when it has come',
  async (t) => {
    const { call, clock, db } = await apiSide(t);
    const made = await call('tokens', {
      as: 'dispatcher',
      body: { label: 'wall map', scopes: ['read'], expiresInDays: 1 },
    });
    t.equal(made.status, 201);
    const { token, id, expiresAt } = NewTokenItem.parse(made.json);
    t.equal(expiresAt, '2026-01-02T00:00:00.000Z');
    const headers = { authorization: `Bearer ${token}` };
    const ask = (path: string, more: object = {}) => call(path, { as: null, headers, ...more });
    t.equal((await ask('devices')).status, 200);
    t.match(await ask('evidence/b-1'), {
      status: 403,
      json: { code: 'WP3353', detail: /evidence as dispatcher with a token/ },
    });
    t.equal((await ask('tokens', { body: { label: 'more', scopes: ['read'] } })).status, 403);
    t.match((await call('tokens', { as: 'dispatcher' })).json, { items: [{ id, label: 'wall map' }] });
    t.notMatch((await call('tokens', { as: 'admin' })).text, token);
    t.match((await call('tokens', { as: 'technician' })).json, { items: [] }, 'of others, nothing');
    t.equal((await call(`tokens/${id}`, { as: 'technician', method: 'DELETE' })).status, 404);
    await clock.advance(86_400_000);
    t.match(await ask('devices'), { status: 401, json: { code: 'WP3355' } });
    t.match(await call('session', { as: null, body: { token } }), { status: 401, json: { code: 'WP3355' } });
    t.equal((await call(`tokens/${id}`, { as: 'dispatcher', method: 'DELETE' })).status, 204);
    t.match(await ask('devices'), { status: 401, json: { code: 'WP3351' } });
    const actions = listAudit(db.sql, { before: 1e9, limit: 9 }).map(({ action }) => action);
    t.same(actions, ['token.revoked', 'session.refused', 'token.created']);
  },
);

t.test('a browser’s own word that another page asked is believed', async (t) => {
  const { call } = await apiSide(t);
  const body = { token: TOKENS.dispatcher };
  const ask = (site: string) => call('session', { as: null, body, headers: { 'sec-fetch-site': site } });
  t.match(await ask('cross-site'), { status: 403, json: { code: 'WP3354' } });
  t.match(await ask('same-site'), { status: 403 });
  t.equal((await ask('same-origin')).status, 200);
});

t.test('the address of the client is the proxy’s word only where the proxy is trusted', async (t) => {
  for (const [trustedProxies, subject] of [
    [[], '127.0.0.1'],
    [['127.0.0.1'], '203.0.113.7'],
  ] as const) {
    const { call, db } = await apiSide(t, { access: { trustedProxies: [...trustedProxies] } });
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
    const answer = await call('session', { as: null, headers, body: { token: TOKENS.dispatcher } });
    t.match(answer.headers.get('set-cookie'), /Secure/);
    t.match(listAudit(db.sql, { before: 1e9, limit: 1 }), [{ subject }]);
  }
});

t.test('a request whose body comes after its sender was disabled does nothing', async (t) => {
  const { url, call, people } = await apiSide(t);
  await call('people', { body: { name: 'supervisor-2', role: 'supervisor' } });
  const label = { person: 'supervisor-2', label: 'script', scopes: [...PERMISSIONS] };
  const { token } = NewTokenItem.parse((await call('tokens', { body: label })).json);
  const body = JSON.stringify({ name: 'guard-9', role: 'supervisor', password: PASSWORD });
  const head = [
    'POST /api/v1/people HTTP/1.1',
    'host: x',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  t.teardown(() => void socket.destroy());
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  // Answered behind it: the head has been read by then.
  await call('people');
  await call('people/supervisor-2', { method: 'PATCH', body: { disabled: true } });
  socket.write(body);
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 401/);
  t.equal(people.find('guard-9'), null);
});
