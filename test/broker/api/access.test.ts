import { request as httpRequest } from 'node:http';
import t from 'tap';
import { HttpServer } from '#broker/api/http-server.ts';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { apiSide, TOKENS } from '../support/api.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

t.test('without a token, or with a wrong one, nothing is told', async (t) => {
  const { call } = await apiSide(t);
  for (const path of ['devices', 'incidents', 'events', 'audit', 'stream', 'evidence/x', 'nothing']) {
    t.equal((await call(path, { as: null })).status, path === 'nothing' ? 404 : 401, path);
    const headers = { authorization: 'Bearer wrong' };
    t.equal((await call(path, { as: null, headers })).status, path === 'nothing' ? 404 : 401, path);
  }
});

t.test('a token buys a session whose cookie scripts cannot read and other sites cannot send', async (t) => {
  const { call, clock } = await apiSide(t);
  const answer = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
  t.match([answer.status, answer.json], [200, { name: 'desk-1', role: 'dispatcher' }]);
  const set = answer.headers.get('set-cookie') ?? '';
  t.match(set, /HttpOnly/);
  t.match(set, /SameSite=Strict/);
  t.match(set, /Max-Age=43200/);
  const cookie = set.split(';')[0] ?? '';
  t.equal((await call('devices', { as: null, headers: { cookie } })).status, 200);
  await clock.advance(12 * 3_600_000);
  t.equal((await call('devices', { as: null, headers: { cookie } })).status, 401, 'expired');
});

t.test('an address that cannot be read is a problem like any other', async (t) => {
  const { call } = await apiSide(t);
  const answer = await call('devices/%ZZ');
  t.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  t.match([answer.status, answer.json], [400, { code: 'WP3400', status: 400 }]);
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
});

t.test('a session ends when it is closed', async (t) => {
  const { call } = await apiSide(t);
  const answer = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
  const headers = { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  t.equal((await call('session', { as: null, headers, method: 'DELETE' })).status, 204);
  t.equal((await call('devices', { as: null, headers })).status, 401);
});

t.test('a changing request with the cookie from another site’s page is refused', async (t) => {
  const { call, take, view, url } = await apiSide(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = view.list({ states: ['open'], before: 9, limit: 1 })[0]?.item.id;
  const answer = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const act = (headers: Record<string, string>) =>
    call(`incidents/${id}/acknowledge`, { as: null, body: {}, headers: { cookie, ...headers } });
  t.match(await act({ origin: 'https://evil.example' }), { status: 403, json: { code: 'WP3354' } });
  t.equal((await act({ origin: 'null' })).status, 403);
  t.equal((await act({ origin: url })).status, 200);
});

t.test('wrong attempts are counted, slowed down and recorded without the secret', async (t) => {
  const { call, clock, db } = await apiSide(t);
  for (let attempt = 0; attempt < 10; attempt++) {
    t.equal((await call('session', { as: null, body: { token: `guess-${attempt}` } })).status, 401);
  }
  const slowed = await call('session', { as: null, body: { token: TOKENS.admin } });
  t.match([slowed.status, slowed.json], [429, { code: 'WP3352' }]);
  t.equal(slowed.headers.get('retry-after'), '30');
  await clock.advance(30_000);
  t.equal((await call('session', { as: null, body: { token: TOKENS.admin } })).status, 200);
  const audited = listAudit(db.sql, { before: 1e9, limit: 100 });
  t.same(audited.map(({ action }) => action).slice(0, 2), ['session.opened', 'session.refused']);
  t.notMatch(JSON.stringify(audited), /guess|token-of/);
});

t.test(
  'evidence is shown as what it is, kept by nobody on the way, and every view is recorded',
  async (t) => {
    const evidence = new Map([
      ['b-1', { mediaType: 'image/png', content: PNG }],
      ['b-2', { mediaType: 'text/html', content: Buffer.from('<script>') }],
    ]);
    const { call, db } = await apiSide(t, { evidence });
    const picture = await call('evidence/b-1', { as: 'dispatcher' });
    t.equal(picture.headers.get('content-type'), 'image/png');
    t.match(picture.headers.get('cache-control'), /private/);
    t.equal(picture.headers.get('x-content-type-options'), 'nosniff');
    const page = await call('evidence/b-2');
    t.equal(page.headers.get('content-type'), 'application/octet-stream', 'never as a page of ours');
    t.match(page.headers.get('content-disposition'), /^attachment/);
    t.equal((await call('evidence/b-3')).status, 404);
    t.equal((await call('evidence/b-1', { as: 'technician' })).status, 403);
    const views = listAudit(db.sql, { before: 1e9, limit: 9 }).filter(
      ({ action }) => action === 'evidence.viewed',
    );
    t.match(views, [
      { who: 'Ada', subject: 'b-2' },
      { who: 'desk-1', subject: 'b-1' },
    ]);
  },
);

t.test('every answer carries the security headers', async (t) => {
  const { call } = await apiSide(t);
  for (const path of ['/healthz', '/', 'devices', '/nothing']) {
    const { headers } = await call(path);
    t.match(headers.get('content-security-policy'), /default-src 'self'/, path);
    t.notMatch(headers.get('content-security-policy'), /unsafe/, path);
    t.equal(headers.get('x-frame-options'), 'DENY', path);
  }
});

t.test('health is told to everybody, readiness when it is there, metrics only on this machine', async (t) => {
  const { call, state } = await apiSide(t);
  t.equal((await call('/healthz', { as: null })).status, 200);
  t.equal((await call('/readyz', { as: null })).status, 200);
  state.ready = false;
  const unready = await call('/readyz', { as: null });
  t.equal(unready.status, 503);
  t.match(unready.json, { ready: false, reasons: [{ code: 'WP3133', message: /starting or stopping/ }] });
  t.equal((await call('/metrics', { as: null })).status, 200);
  const proxied = await call('/metrics', { as: null, headers: { 'x-forwarded-for': '10.0.0.1' } });
  t.match([proxied.status, proxied.json], [403, { code: 'WP3408' }]);
});

t.test('bodies that are too large, not JSON, or of another kind are problems, not crashes', async (t) => {
  const { call } = await apiSide(t);
  const large = await call('session', { as: null, body: { token: 'x'.repeat(70_000) } });
  t.match([large.status, large.json], [413, { code: 'WP3402' }]);
  t.match(await call('session', { as: null, body: '{' }), { status: 400, json: { code: 'WP3400' } });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  t.match(await call('session', { as: null, body: 'a=b', headers: form }), { status: 400 });
  t.equal((await call('/healthz', { as: null })).status, 200);
});

t.test('a second broker on the same port is told which port and what to do', async (t) => {
  const { url } = await apiSide(t);
  const { port } = new URL(url);
  const other = await apiSide(t);
  const second = new HttpServer({ ...other, log: silentLog, consoleDir: temporaryFolder(t) });
  await t.rejects(second.start({ host: '127.0.0.1', port: Number(port) }), {
    code: 'WP5001',
    message: new RegExp(port),
    hint: /--http/,
  });
});

t.test('a path that climbs out of the console’s folder finds nothing', async (t) => {
  const { url } = await apiSide(t);
  const { hostname, port } = new URL(url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest({ hostname, port, path: '/..%2f..%2fetc/passwd' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  t.ok(status === 403 || status === 404);
});
