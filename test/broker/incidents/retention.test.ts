import t from 'tap';
import { type EventCut, Retention } from '#broker/incidents/retention.ts';
import { DEFAULT_RETENTION } from '#broker/incidents/retention-policy.ts';
import { AuditLog, verifyChain } from '#broker/persistence/ledger/audit-log.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { RetentionMarks } from '#broker/persistence/ledger/retention-marks.ts';
import { SiteTime } from '#broker/persistence/ledger/site-time.ts';
import { Compactor } from '#broker/persistence/store/compactor.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, silentLog } from '#test/support/site-database.ts';
import { type EventSketch, incidentSide, ledgerEvent, PILLAR, type Teardown } from '../support/desk.ts';

const DAY_MS = 86_400_000;
const PICTURE = { blobId: 'b-1', mediaType: 'image/png', bytes: 1, pieces: 1, sha256: 'a'.repeat(64) };

/** A site with a real ledger that forgets by policy; evidence is only asked what it would forget. */
function setting(t: Teardown, time: 'of the site' | 'monotonic' = 'monotonic') {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const side = incidentSide({ db, clock });
  const ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
  const siteTime = new SiteTime(db, clock);
  if (time === 'of the site') siteTime.start();
  const passed = {
    get seenMs() {
      return time === 'monotonic' ? clock.monoMs() : siteTime.seenMs;
    },
  };
  const keeps: string[][] = [];
  const evidence = {
    prune: async ({ keep }: { keep: ReadonlySet<string> }) => keeps.push([...keep]) * 0,
    forget: async () => 0,
  };
  const failures: object[] = [];
  const log = { ...silentLog, error: (fields: object) => void failures.push(fields) };
  const compactor = new Compactor({ db, clock, pauseMs: 0 });
  const retention = new Retention({
    ...{ db, clock, log, audit: side.audit, events: ledger, evidence, compactor, pauseMs: 0 },
    ...{ marks: new RetentionMarks(db, passed), policy: DEFAULT_RETENTION },
  });
  t.teardown(async () => {
    await retention.close();
    siteTime.close();
    side.escalation.close();
  });
  const take = async (sketch: EventSketch) => {
    const event = ledgerEvent(clock, sketch);
    await db.commit(() => {
      ledger.ingest(PILLAR, event.envelope, event.test);
      side.desk.onEvent(event);
    });
    return event.envelope.id;
  };
  /** Not hour by hour: the rounds in between would only cost time. */
  const passDays = async (days: number) => {
    for (let day = 0; day < days; day += 1) {
      await clock.advance(DAY_MS / 2);
      await retention.run();
      await clock.advance(DAY_MS / 2);
      await retention.run();
      if (failures.length > 0) throw new RangeError(JSON.stringify(failures));
    }
  };
  const types = () => db.sql.prepare('SELECT type FROM ledger_event ORDER BY row').pluck().all();
  return { clock, db, ...side, ledger, retention, take, passDays, types, keeps };
}

const SAMPLE: EventSketch = {
  type: 'wp.telemetry.sampled.v1',
  data: { samples: [{ sensor: 's', value: 1, unit: 'm', time: '', mono: '1' }] },
};

t.test('each lane has its own time, and what belongs to an open incident stays', async (t) => {
  const { take, passDays, types, desk, view, db, keeps } = setting(t);
  const left = await take({ type: 'wp.object.left.v1', data: { objectId: 'o', picture: PICTURE } });
  await take({ type: 'wp.sensor.crossed.v1' });
  await take({ type: 'wp.path.tested.v1', data: { cause: 'daily' } });
  await take(SAMPLE);
  await passDays(13);
  t.equal(types().length, 4);
  await passDays(2);
  t.same(types(), ['wp.object.left.v1', 'wp.sensor.crossed.v1', 'wp.path.tested.v1'], 'telemetry first');
  await passDays(76);
  t.same(types(), ['wp.object.left.v1', 'wp.path.tested.v1'], 'then events, but for the open incident’s');
  t.same(keeps.at(-1), ['b-1'], 'whose picture stays');
  await desk.act(view.incidentOfEvent(left) ?? '', 'resolve', {}, 'guard-1');
  await passDays(1);
  t.same(types(), ['wp.path.tested.v1']);
  t.same(keeps.at(-1), []);
  t.ok(verifyChain(db.sql).ok, 'the audit chain holds');
  const noted = db.sql.prepare("SELECT count(*) FROM audit WHERE action = 'retention.removed'").pluck();
  t.equal(noted.get(), 3, 'and has a row for each round that removed something');
});

t.test('a wall clock ten years ahead, or behind, forgets nothing before its time', async (t) => {
  const { take, passDays, types, clock, retention } = setting(t, 'of the site');
  clock.setWall(0);
  await take(SAMPLE);
  clock.setWall(Date.UTC(2026, 0, 1));
  await take(SAMPLE);
  clock.setWall(Date.UTC(2036, 0, 1));
  await take(SAMPLE);
  await retention.run();
  await passDays(6);
  t.equal(types().length, 3, 'six days are twelve at most');
  clock.setWall(Date.UTC(2026, 0, 7));
  await passDays(1);
  t.equal(types().length, 3);
  await passDays(8);
  t.equal(types().length, 0, 'and what was received in another decade goes with what came beside it');
});

t.test('an incident goes with all that belongs to it, counted from its last step', async (t) => {
  const { take, passDays, desk, view, db } = setting(t);
  const first = await take({ type: 'wp.panic.pressed.v1', data: { cause: 'edge', edges: 1 } });
  await passDays(400);
  const id = view.incidentOfEvent(first) ?? '';
  await desk.act(id, 'resolve', {}, 'guard-1');
  await passDays(728);
  t.not(view.detail(id), null);
  await passDays(4);
  t.equal(view.detail(id), null);
  const rows = (table: string) => db.sql.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  for (const table of ['incident', 'incident_alarm', 'incident_step', 'escalation_step', 'notification']) {
    t.equal(rows(table), 0, table);
  }
  t.same(db.sql.pragma('foreign_key_check'), []);
});

t.test('room is given back to the disk', async (t) => {
  const { db, ledger, passDays, clock } = setting(t);
  const long = 'x'.repeat(4000);
  for (let batch = 0; batch < 10; batch += 1) {
    await db.commit(() => {
      for (let n = 0; n < 300; n += 1) {
        const { envelope } = ledgerEvent(clock, { ...SAMPLE, data: { ...SAMPLE.data, long } });
        ledger.ingest(PILLAR, envelope, false);
      }
    });
  }
  const { size } = new Compactor({ db, clock });
  t.ok(size.shrinks && size.bytes > 12e6, `${size.bytes}`);
  await passDays(16);
  const after = new Compactor({ db, clock }).size;
  t.ok(after.bytes < 6e6, `${after.bytes} bytes, of which ${after.freeBytes} free`);
  t.same(db.sql.pragma('integrity_check', { simple: true }), 'ok');
});

t.test('a round that fails is tried again in the next', async (t) => {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  let rounds = 0;
  const prune = async (_cut: EventCut) => {
    rounds += 1;
    throw new RangeError('disk');
  };
  const rows = { event: 1, evidence: 1, piece: 1, incident: 1, step: 1, notification: 1, command: 1 };
  const retention = new Retention({
    ...{ db, clock, log: silentLog, audit: new AuditLog(clock), policy: DEFAULT_RETENTION },
    events: { prune, pruneMarks: async () => 0 },
    evidence: { prune: async () => 0, forget: async () => 0 },
    marks: { mark: async () => undefined, olderThan: () => ({ ...rows, quarantine: 1 }) },
    compactor: { tidy: async () => 0 },
  });
  retention.start();
  await clock.advance(2 * 3_600_000);
  t.equal(rounds, 3);
  await retention.close();
  t.equal(clock.pending, 0);
});
