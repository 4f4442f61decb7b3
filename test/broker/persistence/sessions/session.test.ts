import t from 'tap';
import { Session } from '#broker/persistence/sessions/session.ts';
import { Account } from '#broker/persistence/sessions/session-account.ts';
import { MemoryBacklog, type Queued } from '#broker/persistence/sessions/session-backlog.ts';

/** A queue that keeps what it has given, as rows do. */
class KeptBacklog extends MemoryBacklog {
  readonly #all: Queued[] = [];

  override push(message: Queued): void {
    this.#all.push(message);
  }

  override *page(after: number, upTo: number, limit: number): Generator<Queued> {
    yield* this.#all.filter(({ number }) => number > after && number <= upTo).slice(0, limit);
  }
}

function begin(window: { messages: number; bytes: number }) {
  const backlog = new KeptBacklog();
  const session = new Session({ client: 'a', id: 1, backlog, pool: new Account(null), window });
  const commit = (bytes = 1) => {
    const message: Queued = {
      ...{ number: session.takeNumber(), packetId: null, isReleased: false, lane: 'other', qos: 1 },
      ...{ retain: false, topic: 't', payload: Buffer.alloc(0), bytes, queuedS: 0 },
    };
    backlog.push(message);
    return session.committed(message)?.packetId ?? null;
  };
  const take = () => session.take().map(({ packetId, isDup }) => (isDup ? -packetId : packetId));
  return { session, commit, take };
}

t.test('a message goes out at once when nothing waits, and never past one that waits', async (t) => {
  const { session, commit, take } = begin({ messages: 2, bytes: 1000 });
  t.equal(commit(), null, 'nobody is there');
  session.connect();
  t.equal(commit(), null, 'the first waits still');
  t.same(take(), [1, 2]);
  t.equal(commit(), null, 'the window is full');
  session.acknowledge(1);
  t.equal(commit(), null, 'there is room, but the third waits');
  t.same(take(), [3]);
  session.acknowledge(2);
  session.acknowledge(3);
  t.same(take(), [4]);
  t.equal(commit(), 5);
});

t.test('what was acknowledged out of order is not sent again, and counts once', async (t) => {
  const { session, commit, take } = begin({ messages: 4, bytes: 1000 });
  session.connect();
  for (let count = 0; count < 4; count += 1) commit();
  session.acknowledge(2);
  session.acknowledge(3);
  t.equal(session.lowestOpen, 1, 'the rows of all stay until the first is settled');
  t.equal(session.acknowledgedInOrder, 0);
  session.disconnect();
  t.match(session.account.statement, { enqueued: 4, acknowledged: 2, queued: 2, inFlight: 0 });
  session.connect();
  t.same(take(), [-1, -4]);
  session.acknowledge(1);
  t.equal(session.lowestOpen, 4);
  t.equal(session.acknowledgedInOrder, 3);
  session.acknowledge(4);
  t.same(session.account.statement, { enqueued: 4, acknowledged: 4, queued: 0, inFlight: 0, dropped: 0 });
});

t.test(
  'more acknowledged out of order than the window holds does not keep back what comes behind',
  async (t) => {
    const { session, commit, take } = begin({ messages: 4, bytes: 1000 });
    session.connect();
    for (let count = 0; count < 12; count += 1) commit();
    for (let packetId = 2; packetId <= 10; packetId += 1) {
      session.acknowledge(packetId);
      take();
    }
    session.disconnect();
    session.connect();
    t.same(take(), [-1, -11, -12]);
    session.disconnect();
    session.connect();
    t.same(take(), [-1, -11, -12]);
    for (const packetId of [1, 11, 12]) session.acknowledge(packetId);
    t.same(session.account.statement, { enqueued: 12, acknowledged: 12, queued: 0, inFlight: 0, dropped: 0 });
    t.equal(session.lowestOpen, 13, 'their rows may go');
  },
);

t.test('a packet id that is on its way is waited for', async (t) => {
  const { session, commit, take } = begin({ messages: 10, bytes: 1000 });
  session.connect();
  t.equal(commit(), 1);
  session.restore(65_536, 1);
  t.equal(commit(), null, 'it would be number 1 again');
  t.equal(commit(), null);
  t.same(take(), []);
  session.acknowledge(1);
  t.same(take(), [1, 2]);
});

t.test('the window counts bytes, too, and lets one through that is larger', async (t) => {
  const { session, commit, take } = begin({ messages: 10, bytes: 100 });
  session.connect();
  t.equal(commit(500), 1);
  t.equal(commit(1), null);
  session.acknowledge(1);
  t.same(take(), [2]);
});
