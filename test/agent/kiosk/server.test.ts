import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type Answer, KioskFixture, VIEW } from './fixture.ts';

const HOME = { choose: 'home' } as const;

const codeOf = ({ body }: Answer): string => JSON.parse(body).code;

t.test('the page and its assets are served, with nothing allowed from elsewhere', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const page = await kiosk.ask({});
  t.equal(page.status, 200);
  t.match(page.body, /name="emergency-number" content="110"/, 'known before anything else is');
  t.match(page.headers['content-security-policy'], /^default-src 'none'; script-src 'self';/);
  t.match(page.headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  const script = await kiosk.ask({ path: '/assets/kiosk-AAAA.js' });
  t.match(script, { status: 200, headers: { 'content-type': /javascript/, 'cache-control': /immutable/ } });
});

t.test('no other file is served, whatever the path is called', async (t) => {
  const kiosk = await KioskFixture.start(t);
  for (const path of [
    '/assets/../../secret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '/assets/kiosk-AAAA.js.map',
    '/kiosk.url',
    '//etc/passwd',
    '/index.html',
  ]) {
    const answer = await kiosk.ask({ path });
    t.equal(answer.status, 404, path);
    t.equal(codeOf(answer), 'WP2706');
  }
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'POST']) {
    t.equal((await kiosk.ask({ method })).status, 404, `${method} /`);
  }
});

t.test('the address is the owner’s alone to read, and stays over a restart with a port of 0', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const before = kiosk.address.href;
  t.match(before, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  t.equal(statSync(join(kiosk.dir, 'kiosk.url')).mode & 0o777, 0o600);
  await kiosk.server.close();
  await kiosk.server.close();
  kiosk.server = kiosk.newServer(0);
  await kiosk.server.start();
  t.equal(kiosk.address.href, before);
  t.same(kiosk.health, [{ state: 'ok' }, { state: 'ok' }]);
});

t.test('a file that says no address is replaced by one with a new token', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const { token } = kiosk;
  await kiosk.server.close();
  writeFileSync(join(kiosk.dir, 'kiosk.url'), 'http://127.0.0.1:1/#token=short\n');
  kiosk.server = kiosk.newServer(0);
  await kiosk.server.start();
  t.not(kiosk.token, token);
  t.equal(kiosk.token.length, 43);
});

t.test('state and choices need the token', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const wrong = ['', 'Bearer', `Bearer ${'A'.repeat(43)}`, `Basic ${kiosk.token}`, kiosk.token];
  for (const authorization of wrong) {
    for (const asked of [
      { path: '/state' },
      { path: '/choice', method: 'POST', body: '{"choose":"home"}' },
    ]) {
      const answer = await kiosk.ask({ ...asked, headers: { authorization } });
      t.equal(answer.status, 401, `${asked.path} with "${authorization}"`);
      t.equal(codeOf(answer), 'WP2705');
    }
  }
  t.equal(
    (await kiosk.ask({ path: `/state?token=${kiosk.token}` })).status,
    401,
    'in the address it counts nothing',
  );
  t.same(kiosk.chosen, []);
});

t.test('other names for this address and other pages are refused', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const { port } = kiosk.address;
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${Number(port) + 1}`]) {
    const answers = [await kiosk.choose(HOME, { host }), await kiosk.ask({ headers: { host } })];
    for (const answer of answers) t.match([answer.status, codeOf(answer)], [421, 'WP2703'], host);
  }
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `https://127.0.0.1:${port}` },
    { origin: `http://localhost:${port}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await kiosk.choose(HOME, headers);
    t.match([answer.status, codeOf(answer)], [403, 'WP2704'], JSON.stringify(headers));
  }
  t.same(kiosk.chosen, []);
  t.equal((await kiosk.choose(HOME, { origin: `http://127.0.0.1:${port}` })).status, 204);
  t.equal((await kiosk.choose(HOME, { host: `localhost:${port}` })).status, 204);
});

t.test('a choice that is none is told what is wrong with it', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const headers = { authorization: `Bearer ${kiosk.token}`, 'content-type': 'application/json' };
  const bodies = ['', '{', '[]', '{"choose":"alarm"}', '{"choose":"home","more":1}', '{"choose":"topic"}'];
  for (const body of bodies) {
    const answer = await kiosk.ask({ method: 'POST', path: '/choice', headers, body });
    t.match([answer.status, codeOf(answer)], [400, 'WP2707'], body);
  }
  const plain = await kiosk.choose(HOME, { 'content-type': 'text/plain' });
  t.match(
    [plain.status, codeOf(plain)],
    [400, 'WP2707'],
    'a form of another page can send text/plain unasked',
  );
  t.same(kiosk.chosen, []);
  kiosk.outcome = 'unknown';
  t.match(await kiosk.choose(HOME), { status: 400 });
  kiosk.outcome = 'untimely';
  const late = await kiosk.choose(HOME);
  t.match([late.status, codeOf(late)], [409, 'WP2708']);
});

t.test('a large body is not read to its end, and the next request is served', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const headers = { authorization: `Bearer ${kiosk.token}`, 'content-type': 'application/json' };
  const padded = (bytes: number) => JSON.stringify(HOME).padEnd(bytes);
  const sent = async (bytes: number) =>
    (await kiosk.ask({ method: 'POST', path: '/choice', headers, body: padded(bytes) })).status;
  t.same([await sent(1024), await sent(1025)], [204, 400], 'a choice may be 1 KiB');
  kiosk.chosen.length = 0;
  const large = { choose: 'topic', topic: 'x'.repeat(10_000_000) };
  const outcome = await kiosk.choose(large).catch((error: NodeJS.ErrnoException) => error.code ?? '');
  t.ok(
    typeof outcome === 'string' ? /ECONNRESET|EPIPE/.test(outcome) : outcome.status === 400,
    JSON.stringify(outcome).slice(0, 200),
  );
  t.same(kiosk.chosen, []);
  t.equal((await kiosk.choose(HOME)).status, 204);
});

t.test('strangers who ask too much are held off, and the page is not', async (t) => {
  const kiosk = new KioskFixture();
  t.teardown(() => kiosk.close());
  const clock = new ManualClock();
  kiosk.server = kiosk.newServer(0, clock);
  await kiosk.server.start();
  const answers = await Promise.all(Array.from({ length: 10 }, () => many(kiosk, 10)));
  const refused = answers.flat().filter(({ status }) => status === 429);
  t.equal(refused.length, 60);
  t.equal(codeOf(refused[0] ?? { status: 0, headers: {}, body: '{}' }), 'WP2709');
  t.equal((await kiosk.choose(HOME)).status, 204, 'who has the token has an allowance of its own');
  await clock.advance(1_000);
  const later = await many(kiosk, 11);
  t.same(
    later.map(({ status }) => status),
    [...Array.from({ length: 10 }, () => 401), 429],
    'ten a second from then on',
  );
});

async function many(kiosk: KioskFixture, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await kiosk.ask({ path: '/state' }));
  return answers;
}

t.test(
  'a hundred connections that say nothing are bounded, and the page is served when they go',
  async (t) => {
    const kiosk = await KioskFixture.start(t);
    const { port } = kiosk.address;
    const sockets: Socket[] = [];
    let closed = 0;
    for (let n = 0; n < 100; n += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('close', () => {
        closed += 1;
      });
      sockets.push(socket);
    }
    await until(() => closed >= 76);
    t.ok(closed <= 77, `${100 - closed} are kept`);
    for (const socket of sockets) socket.destroy();
    await until(() => closed === 100);
    t.equal((await kiosk.choose(HOME)).status, 204);
  },
);

t.test('every page hears of a change, and of more than four the eldest goes', async (t) => {
  const kiosk = await KioskFixture.start(t);
  const read = async () => {
    const response = await fetch(new URL('/state', kiosk.address), {
      headers: { authorization: `Bearer ${kiosk.token}` },
    });
    const reader = response.body?.getReader();
    if (reader === undefined) throw new TypeError('no body');
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    return { response, next };
  };
  const first = await read();
  t.equal(first.response.headers.get('watchpost-page'), 'kiosk-AAAA.js');
  t.equal(await first.next(), `event: state\ndata: ${JSON.stringify(VIEW)}\n\n`);
  for (const listener of kiosk.listeners) listener();
  t.match(await first.next(), /^event: state\n/);
  const others = [await read(), await read(), await read()];
  for (const { next } of others) t.match(await next(), /^event: state\n/);
  await read();
  await t.rejects(first.next(), 'its connection is closed');
});

t.test('a port that is taken is told once, tried again, and taken when it is free', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const address = other.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const clock = new ManualClock();
  const kiosk = new KioskFixture();
  t.teardown(() => kiosk.close());
  kiosk.server = kiosk.newServer(port, clock);
  await kiosk.server.start();
  t.match(kiosk.health, [{ state: 'failed', code: 'WP2700', detail: `port ${port}` }]);
  await new Promise((resolve) => other.close(resolve));
  await clock.advance(10_000);
  await until(() => kiosk.health.length === 2);
  t.same(kiosk.health[1], { state: 'ok' });
  t.equal(kiosk.address.port, String(port));
});

t.test('a page that was not built is told, and served once it is', async (t) => {
  const clock = new ManualClock();
  const kiosk = new KioskFixture();
  t.teardown(() => kiosk.close());
  unlinkSync(join(kiosk.dir, 'page/index.html'));
  kiosk.server = kiosk.newServer(0, clock);
  await kiosk.server.start();
  t.match(kiosk.health, [{ state: 'failed', code: 'WP2702' }]);
  writeFileSync(join(kiosk.dir, 'page/index.html'), '<!doctype html>');
  await clock.advance(10_000);
  await until(() => kiosk.health.length === 2);
  t.equal((await kiosk.ask({})).status, 200);
});

t.test('a connection that the system cannot give it ends neither the page nor the agent', async (t) => {
  const opened: unknown[] = [];
  const note = (message: unknown) => opened.push(message);
  const channel = 'tracing:net.server.listen:asyncStart';
  subscribe(channel, note);
  t.teardown(() => unsubscribe(channel, note));
  const kiosk = await KioskFixture.start(t);
  const servers = opened.flatMap((message) =>
    typeof message === 'object' && message !== null && 'server' in message ? [message.server] : [],
  );
  const [server] = servers.filter((each) => each instanceof Server);
  t.ok(server?.emit('error', new RangeError('EMFILE')), 'somebody hears of it');
  t.equal((await kiosk.ask({})).status, 200);
});

/** Turns of the event loop until it holds; the suite's own limit ends what never does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
