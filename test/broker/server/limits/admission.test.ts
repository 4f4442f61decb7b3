import { PassThrough } from 'node:stream';
import t from 'tap';
import { AddressBook } from '#broker/server/limits/address-book.ts';
import { Admission } from '#broker/server/limits/admission.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { TokenBucket } from '#broker/server/limits/token-bucket.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function admission(limits: Partial<typeof DEFAULT_CONNECTION_LIMITS>) {
  const clock = new ManualClock();
  const refused: string[] = [];
  const door = new Admission({
    clock,
    limits: { ...DEFAULT_CONNECTION_LIMITS, ...limits },
    onRefused: (code) => refused.push(code),
  });
  const arrive = (address = '192.0.2.1') => {
    const stream = new PassThrough();
    return { stream, isIn: door.open(stream, address) };
  };
  return { clock, door, refused, arrive };
}

/** Streams tell their end in a later turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('a bucket gives what is in it at once, then so many a second, and never more than fits', async (t) => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, { perSecond: 10, burst: 5 });
  bucket.take(5);
  t.equal(bucket.tokens, 0);
  t.equal(bucket.waitMs(1), 100);
  await clock.advance(300);
  t.equal(Math.round(bucket.tokens), 3);
  t.equal(bucket.isFull, false);
  await clock.advance(60_000);
  t.equal(bucket.tokens, 5);
  bucket.take(7);
  t.equal(bucket.waitMs(1), 300, 'what was taken too much is paid back first');
});

t.test('one address may have so many connections, others theirs; an IPv6 /64 is one address', async (t) => {
  const { door, refused, arrive } = admission({ perAddress: 2 });
  t.ok(arrive().isIn);
  const second = arrive();
  t.ok(second.isIn);
  const third = arrive();
  t.notOk(third.isIn);
  t.ok(third.stream.destroyed);
  t.ok(arrive('192.0.2.2').isIn);
  t.ok(arrive('2001:db8:1:2::1').isIn);
  t.ok(arrive('2001:db8:1:2:ffff::9').isIn);
  t.notOk(arrive('2001:db8:1:2:3:4:5:6').isIn);
  t.same(refused, ['WP3121', 'WP3121']);
  second.stream.destroy();
  await turn();
  t.ok(arrive().isIn, 'there is room again');
  t.equal(door.counts.open, 5);
});

t.test('above the number of connections in all nobody else comes in, and nobody leaves for it', async (t) => {
  const { door, refused, arrive } = admission({ inAll: 3 });
  const early = [arrive('192.0.2.1'), arrive('192.0.2.2'), arrive('192.0.2.3')];
  t.notOk(arrive('192.0.2.4').isIn);
  t.same(refused, ['WP3120']);
  t.notOk(early.some(({ stream }) => stream.destroyed));
  t.equal(door.counts.open, 3);
});

t.test('an address that connects too fast waits for its bucket', async (t) => {
  const { clock, refused, arrive } = admission({ connectsPerSecond: 2, connectBurst: 3 });
  for (let count = 0; count < 3; count++) t.ok(arrive().isIn);
  t.notOk(arrive().isIn);
  t.notOk(arrive().isIn);
  t.ok(arrive('192.0.2.2').isIn);
  await clock.advance(500);
  t.ok(arrive().isIn);
  t.notOk(arrive().isIn);
  t.same(refused, ['WP3122', 'WP3122', 'WP3122']);
});

t.test('the oldest unfinished connection gives way, and finished ones stay', async (t) => {
  const { door, refused, arrive } = admission({ halfOpen: 3 });
  const finished = arrive();
  door.connected(finished.stream);
  const flood = Array.from({ length: 10 }, () => arrive().stream);
  t.same(refused, Array(7).fill('WP3123'));
  t.same(
    flood.map(({ destroyed }) => destroyed),
    [...Array(7).fill(true), false, false, false],
  );
  t.notOk(finished.stream.destroyed);
  await turn();
  t.same(door.counts, { open: 4, halfOpen: 3, addresses: 1 });
});

t.test('who has not finished CONNECT in time is ended; who has is left alone', async (t) => {
  const { clock, door, refused, arrive } = admission({ connectTimeoutS: 10 });
  const slow = arrive();
  const quick = arrive();
  await clock.advance(9_000);
  door.connected(quick.stream);
  await clock.advance(1_001);
  t.ok(slow.stream.destroyed);
  t.notOk(quick.stream.destroyed);
  t.same(refused, ['WP3124']);
  t.equal(clock.pending, 0);
  door.close();
  t.ok(quick.stream.destroyed);
});

t.test('addresses that come and go are not remembered without bound', async (t) => {
  const clock = new ManualClock();
  const book = new AddressBook(clock, { open: 10, connects: { perSecond: 1, burst: 10 } });
  for (let count = 0; count < 30_000; count++) {
    const address = `2001:db8:${(count >> 8).toString(16)}:${(count & 255).toString(16)}::1`;
    if (book.open(address) !== 'opened') t.fail('refused');
    book.close(address);
  }
  t.equal(book.size, 10_000);
  t.equal(book.open('192.0.2.1'), 'opened');
  await clock.advance(60_000);
  book.close('192.0.2.1');
  t.equal(book.size, 10_000, 'one whose bucket is full again is not remembered at all');
});
