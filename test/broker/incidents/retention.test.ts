import t from 'tap';
import { Retention } from '#broker/incidents/retention.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import { incidentSide, ledgerEvent } from '../support/desk.ts';

const PICTURE = { blobId: 'b-1', mediaType: 'image/png', bytes: 1, pieces: 1, sha256: 'a'.repeat(64) };

t.test('what is old is forgotten every hour, but nothing of an incident that is still open', async (t) => {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const { desk, escalation, view } = incidentSide({ db, clock });
  t.teardown(() => escalation.close());
  const data = { objectId: 'o', picture: PICTURE };
  const event = ledgerEvent(clock, { type: 'wp.object.left.v1', data });
  await db.commit(() => desk.onEvent(event));
  const asked: { olderThan: string; keep: string[] }[] = [];
  const prune = async (olderThan: string, keep: Iterable<string>) => {
    asked.push({ olderThan, keep: [...keep] });
    return 0;
  };
  const retention = new Retention({
    ...{ db, clock, log: silentLog, events: { prune }, evidence: { prune } },
    ...{ eventsDays: 90, evidenceDays: 30 },
  });
  retention.start();
  t.teardown(() => retention.close());
  await clock.advance(60_000);
  t.same(asked, [
    { olderThan: '2025-12-02T00:01:00.000Z', keep: ['b-1'] },
    { olderThan: '2025-10-03T00:01:00.000Z', keep: [event.envelope.id] },
  ]);
  const id = view.incidentOfEvent(event.envelope.id) ?? '';
  await desk.act(id, 'resolve', {}, 'guard-1');
  await clock.advance(3_600_000);
  t.same(
    asked.slice(2).map(({ keep }) => keep),
    [[], []],
  );
});

t.test('a round that fails is tried again in the next', async (t) => {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  let rounds = 0;
  const prune = async () => {
    rounds += 1;
    throw new RangeError('disk');
  };
  const retention = new Retention({
    ...{ db, clock, log: silentLog, events: { prune }, evidence: { prune } },
    ...{ eventsDays: 1, evidenceDays: 1 },
  });
  retention.start();
  t.teardown(() => retention.close());
  await clock.advance(2 * 3_600_000);
  t.equal(rounds, 3);
});
