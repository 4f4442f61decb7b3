import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { signatureOf, Webhook } from '#broker/incidents/webhook.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase } from '#test/support/site-database.ts';
import { incidentSide, ledgerEvent, type Teardown } from '../support/desk.ts';

const SECRET = 'a secret of sixteen';
type Answer = (response: ServerResponse) => void;

/** A real receiver that answers as told, one answer a request, the last one again and again. */
async function receiver(t: Teardown, answers: Answer[]) {
  const got: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(response);
      server.emit('answered');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}/hook`, got, server };
}

const portOf = (address: string | AddressInfo | null): number =>
  address === null || typeof address === 'string' ? 0 : address.port;

const ok: Answer = (response) => response.writeHead(200, { 'x-request-id': 'abc' }).end();
const refuse: Answer = (response) => response.writeHead(503).end('later');
const hangUp: Answer = (response) => response.destroy();

const webhook = (url: string, timeoutMs = 5_000) =>
  new Webhook({ name: 'guards', url, secret: SECRET, timeoutMs, clock: systemClock, fetch });

t.test('a delivery is signed over time and body, and its proof is the answer', async (t) => {
  const { url, got } = await receiver(t, [ok]);
  const proof = await webhook(url).send({ id: 'n1', body: '{"a":1}' }, new AbortController().signal);
  t.match(proof, { status: 200, responseId: 'abc' });
  const [request] = got;
  const [, atS = '', mac] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['watchpost-signature'])) ?? [];
  t.equal(mac, createHmac('sha256', SECRET).update(`${atS}.{"a":1}`).digest('hex'));
  t.equal(request?.headers['idempotency-key'], 'n1');
  t.equal(request?.headers['content-type'], 'application/cloudevents+json; charset=utf-8');
  t.not(signatureOf(SECRET, '{"a":2}', Number(atS)), request?.headers['watchpost-signature']);
});

t.test('an id in the answer’s body is proof too', async (t) => {
  const { url } = await receiver(t, [(response) => response.writeHead(202).end('{"id":"sms-7"}')]);
  const proof = await webhook(url).send({ id: 'n1', body: '{}' }, new AbortController().signal);
  t.match(proof, { status: 202, responseId: 'sms-7' });
});

t.test('a refusal, a broken line, a redirect and silence are failures that may be tried again', async (t) => {
  const signal = new AbortController().signal;
  const send = async (answer: Answer, timeoutMs?: number) =>
    webhook((await receiver(t, [answer])).url, timeoutMs).send({ id: 'n', body: '{}' }, signal);
  await t.rejects(send(refuse), { code: 'WP3502', retryable: true });
  await t.rejects(send(hangUp), { code: 'WP3501', retryable: true });
  await t.rejects(
    send((r) => r.writeHead(302, { location: '/' }).end()),
    { code: 'WP3501' },
  );
  await t.rejects(
    send(() => undefined, 20),
    { code: 'WP3501', retryable: true },
  );
});

t.test('closing ends a delivery under way', async (t) => {
  const { url, server } = await receiver(t, [() => undefined]);
  const stop = new AbortController();
  const sending = webhook(url).send({ id: 'n', body: '{}' }, stop.signal);
  await once(server, 'answered');
  stop.abort();
  await t.rejects(sending, { code: 'WP3501' });
});

t.test('failures are tried again after a restart until there is a proof', async (t) => {
  const { url, got } = await receiver(t, [refuse, hangUp, ok]);
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const side = () => {
    const notifiers = [
      new Webhook({ ...{ name: 'guards', url, secret: SECRET }, timeoutMs: 5e3, clock, fetch }),
    ];
    const made = incidentSide({ db, clock, notifiers, consoles: () => 0 });
    t.teardown(() => made.escalation.close());
    t.teardown(() => made.queue.close());
    return made;
  };
  const first = side();
  const failed = changed(first, 3);
  await db.commit(() => first.desk.onEvent(ledgerEvent(clock, { type: 'wp.panic.pressed.v1' })));
  await failed;
  first.escalation.close();
  await first.queue.close();

  const second = side();
  const rungs = () => second.view.list({ states: ['open'], before: 1e9, limit: 1 })[0]?.item.escalations;
  t.match(rungs()?.[1], { delivered: null, notifications: [{ attempts: 1 }] });
  const failedAgain = changed(second, 1);
  await clock.advance(2_000);
  second.queue.start();
  await failedAgain;
  const delivered = changed(second, 1);
  await clock.advance(4_000);
  await delivered;
  t.match(rungs()?.[1], {
    delivered: true,
    notifications: [{ attempts: 3, status: 200, responseId: 'abc' }],
  });
  t.equal(got.length, 3);
  t.equal(new Set(got.map(({ body }) => body)).size, 1);
  t.match(JSON.parse(got[0]?.body ?? ''), {
    ...{ specversion: '1.0', type: 'wp.incident.escalated.v1', source: '/wp/mall' },
    data: { step: 1, name: 'site-guards', incident: { device: 'pillar-001' } },
  });
});

/** Resolves after so many further changes of incidents. */
function changed({ changes }: { changes: string[] }, times: number): Promise<void> {
  const until = changes.length + times;
  return new Promise((resolve) => {
    const look = () => (changes.length >= until ? resolve() : setImmediate(look));
    look();
  });
}
