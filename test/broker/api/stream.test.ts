import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { Feed } from '#broker/api/feed.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { apiSide, TOKENS } from '../support/api.ts';

/** Reads a stream of server-sent events until `text` has come. */
async function openStream(url: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const answer = await fetch(`${url}/api/v1/stream`, {
    headers: { authorization: `Bearer ${TOKENS.dispatcher}`, ...headers },
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let got = '';
  const until = async (text: string): Promise<string> => {
    while (!got.includes(text)) {
      const part = await reader?.read();
      if (part === undefined || part.done) return got;
      got += part.value;
    }
    return got;
  };
  return { answer, until, close: () => stop.abort() };
}

t.test('what happens is told as it happens, and an open stream is a console', async (t) => {
  const { url, feed } = await apiSide(t);
  t.equal(feed.consoles, 0);
  const stream = await openStream(url);
  t.equal(stream.answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  await stream.until('retry:');
  t.equal(feed.consoles, 1);
  feed.publish('incident', { id: 'i1' });
  t.match(await stream.until('i1'), /id: run-1\nevent: incident\ndata: \{"id":"i1"\}\n\n/);
  stream.close();
});

t.test('a HEAD for the stream opens none, and is no console', async (t) => {
  const { url, feed } = await apiSide(t);
  const headers = { authorization: `Bearer ${TOKENS.dispatcher}` };
  t.equal((await fetch(`${url}/api/v1/stream`, { method: 'HEAD', headers })).status, 404);
  t.equal(feed.consoles, 0);
});

t.test('one person cannot have all the streams', async (t) => {
  const { url } = await apiSide(t);
  const own = await Promise.all(Array.from({ length: 50 }, () => openStream(url)));
  t.same([...new Set(own.map(({ answer }) => answer.status))], [200]);
  const more = await openStream(url);
  t.equal(more.answer.status, 503);
  const other = await openStream(url, { authorization: `Bearer ${TOKENS.supervisor}` });
  t.equal(other.answer.status, 200, 'there is room for others');
  for (const { close } of [...own, more, other]) close();
});

t.test('an auditor’s stream is not somebody who can take an incident', async (t) => {
  const { url, feed } = await apiSide(t);
  const stream = await openStream(url, { authorization: `Bearer ${TOKENS.auditor}` });
  await stream.until('retry:');
  t.equal(feed.consoles, 0);
  stream.close();
});

t.test('a client that comes back gets what it missed, unless the broker is another run', async (t) => {
  const { url, feed } = await apiSide(t);
  for (const id of ['a', 'b', 'c']) feed.publish('event', { id });
  const back = await openStream(url, { 'last-event-id': 'run-1' });
  const missed = await back.until('"c"');
  t.notMatch(missed, /"id":"a"/);
  t.match(missed, /"id":"b"/);
  back.close();
  const other = await openStream(url, { 'last-event-id': 'before-1' });
  feed.publish('event', { id: 'd' });
  t.notMatch(await other.until('"d"'), /"id":"b"/);
  other.close();
});

t.test('heartbeats keep it open; a session that is over ends it', async (t) => {
  const { url, clock, call, feed } = await apiSide(t);
  const session = await call('session', { as: null, body: { token: TOKENS.dispatcher } });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const answer = await fetch(`${url}/api/v1/stream`, { headers: { cookie } });
  await clock.advance(15_000);
  t.equal(feed.consoles, 1);
  await call('session', { as: null, method: 'DELETE', headers: { cookie } });
  await clock.advance(15_000);
  t.equal(feed.consoles, 0);
  t.match(await answer.text(), /: still here/);
});

t.test('closing the server ends the streams', async (t) => {
  const { url, server } = await apiSide(t);
  const stream = await openStream(url);
  await stream.until('retry:');
  await server.close();
  t.match(await stream.until('never'), /retry/);
});

t.test('a console that has answered and then falls silent does not count any more', async (t) => {
  const { url, clock, feed, call } = await apiSide(t);
  const stream = await openStream(url);
  await stream.until('retry:');
  const id = stream.answer.headers.get('watchpost-stream') ?? '';
  const answer = (as: 'dispatcher' | 'technician') => call(`stream/${id}/alive`, { as, method: 'POST' });
  t.match(await answer('technician'), { status: 404, json: { code: 'WP3415' } }, 'not theirs');
  t.equal((await answer('dispatcher')).status, 204);
  await clock.advance(30_000);
  t.equal(feed.consoles, 1);
  t.equal((await answer('dispatcher')).status, 204);
  await clock.advance(44_000);
  t.equal(feed.consoles, 1, 'two heartbeats without an answer');
  await clock.advance(15_000);
  t.equal(feed.consoles, 0, 'three: nobody sees an alarm there');
  t.equal((await answer('dispatcher')).status, 404);
});

t.test(
  'a stream whose heartbeats the other end does not take ends, though it has never answered',
  async (t) => {
    const clock = new ManualClock();
    const feed = new Feed(clock, 'run');
    feed.start();
    const responses: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      responses.push(response);
      const viewer = { person: 'desk-1', headers: {}, lastEventId: null, counts: 'as-console' } as const;
      feed.open({ ...viewer, response, isCurrent: () => true });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = connect(port, '127.0.0.1').pause();
    t.teardown(() => {
      feed.close();
      socket.destroy();
      server.close();
    });
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    while (responses.length === 0) await new Promise(setImmediate);
    // More than the buffers of the kernel take, and less behind them than what ends a stream for its backlog.
    const filling = 'x'.repeat(60_000);
    while ((responses[0]?.writableLength ?? 0) < 200_000) {
      feed.publish('event', { filling });
      await new Promise(setImmediate);
    }
    await clock.advance(45_000);
    t.equal(feed.consoles, 1);
    await clock.advance(15_000);
    t.equal(feed.consoles, 0);
  },
);

t.test('what a client has missed is sent as far as it fits, the newest of it', async (t) => {
  const { url, feed } = await apiSide(t);
  for (let n = 1; n <= 20; n++) feed.publish('event', { id: `e-${n}.`, filling: 'x'.repeat(60_000) });
  const back = await openStream(url, { 'last-event-id': 'run-1' });
  const missed = await back.until('"e-20."');
  t.notMatch(missed, /e-2\."/);
  t.match(missed, /e-13\."/);
  t.equal(feed.consoles, 1);
  t.ok(missed.length < 600_000);
  back.close();
});
