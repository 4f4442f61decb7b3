import t from 'tap';
import type { Fetch } from '#broker/console/api/client.ts';
import { EventStream, STREAM_SILENCE_MS } from '#broker/console/api/event-stream.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

type Body = ReadableStreamDefaultController<Uint8Array>;

/** A site whose streams the test holds in its hand. */
class Streams {
  readonly bodies: Body[] = [];
  readonly headers: Headers[] = [];
  status = 200;

  /** Paths of what was asked besides the stream. */
  readonly answers: string[] = [];

  readonly fetch: Fetch = async (url, { signal, headers, method }) => {
    if (method === 'POST') {
      this.answers.push(url);
      return new Response(null, { status: 204 });
    }
    this.headers.push(new Headers(headers));
    const stream = new ReadableStream<Uint8Array>({
      start: (body) => {
        this.bodies.push(body);
        signal?.addEventListener('abort', () => body.error(new Error('aborted')), { once: true });
      },
    });
    return new Response(this.status === 200 ? stream : null, {
      status: this.status,
      headers: { 'watchpost-stream': `run-${this.bodies.length}` },
    });
  };

  send(text: string): void {
    this.bodies.at(-1)?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.bodies.at(-1)?.close();
  }
}

function setUp() {
  const clock = new ManualClock();
  const streams = new Streams();
  const told: string[] = [];
  const listener = {
    onOpen: () => void told.push('open'),
    onDown: () => void told.push('down'),
    onUnauthorised: () => void told.push('unauthorised'),
    onEvent: ({ event, data }: { event: string; data: string }) => void told.push(`${event} ${data}`),
  };
  const stream = new EventStream({ fetch: streams.fetch, clock, listener });
  return { clock, streams, told, stream };
}

t.test('events come through in order, heartbeats do not', async (t) => {
  const { clock, streams, told, stream } = setUp();
  stream.start();
  await clock.advance(0);
  streams.send(': here\n\nevent: incident\ndata: 1\n\n');
  streams.send('event: device\ndata: 2\n\n');
  await clock.advance(0);
  t.same(told, ['open', 'incident 1', 'device 2']);
  stream.close();
  await clock.advance(0);
  t.equal(clock.pending, 0);
});

t.test('a stream that ends is told down and comes back by itself, saying what it saw last', async (t) => {
  const { clock, streams, told, stream } = setUp();
  stream.start();
  await clock.advance(0);
  streams.send('id: run-7\nevent: incident\ndata: 1\n\n');
  await clock.advance(0);
  streams.end();
  await clock.advance(0);
  t.same(told, ['open', 'incident 1', 'down']);
  await clock.advance(2000);
  t.same(told.slice(3), ['open']);
  t.equal(streams.headers[0]?.get('last-event-id'), null);
  t.equal(streams.headers[1]?.get('last-event-id'), 'run-7');
  stream.close();
});

t.test('a line that was cut without a word is found by its silence', async (t) => {
  const { clock, streams, told, stream } = setUp();
  stream.start();
  await clock.advance(STREAM_SILENCE_MS - 1);
  streams.send(': still here\n\n');
  await clock.advance(STREAM_SILENCE_MS - 1);
  t.same(told, ['open'], 'a heartbeat is enough to be live');
  await clock.advance(1);
  t.same(told, ['open', 'down']);
  stream.close();
});

t.test('a session that has ended is told apart from a site that is away', async (t) => {
  const { clock, streams, told, stream } = setUp();
  streams.status = 401;
  stream.start();
  await clock.advance(10_000);
  t.same(told, ['unauthorised']);
  streams.status = 503;
  stream.start();
  await clock.advance(0);
  t.same(told, ['unauthorised', 'down']);
  stream.close();
  t.equal(clock.pending, 0, 'closing ends the attempts');
});

t.test('after closing nothing is told any more', async (t) => {
  const { clock, streams, told, stream } = setUp();
  stream.start();
  await clock.advance(0);
  stream.close();
  stream.close();
  await clock.advance(60_000);
  t.same(told, ['open']);
  t.equal(streams.bodies.length, 1);
});

t.test(
  'each heartbeat is answered, so that the site knows that it is read; more often than that is not',
  async (t) => {
    const { clock, streams, stream } = setUp();
    stream.start();
    await clock.advance(0);
    for (let n = 0; n < 5; n++) {
      streams.send('event: incident\ndata: 1\n\n');
      await clock.advance(1000);
    }
    t.same(streams.answers, ['/api/v1/stream/run-1/alive']);
    await clock.advance(10_000);
    t.equal(streams.answers.length, 1, 'nothing came, so nothing is answered');
    streams.send(': still here\n\n');
    await clock.advance(0);
    t.equal(streams.answers.length, 2);
    stream.close();
  },
);
