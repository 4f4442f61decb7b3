import Sqlite from 'better-sqlite3';
import t from 'tap';
import { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { Outgoing, Session } from '#broker/persistence/sessions/session.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { shippedMigrations } from '#broker/persistence/store/migrate.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

/** A pump that sends nothing by itself. */
const still = {
  send: () => undefined,
  due: () => undefined,
  ended: () => undefined,
  attach: () => undefined,
  isAttached: () => true,
  keepaliveS: () => 0,
  keepsWill: () => false,
  ownsWill: () => undefined,
};

const briefly = ({ packetId, isDup, message }: Outgoing) => {
  const { isReleased, topic, payload, qos } = message;
  return isReleased ? ['pubrel', packetId] : [topic, payload.toString(), qos, packetId, isDup];
};

/** What is sent when its client comes back, all of it acknowledged on the way. */
function drain(persistence: MqttPersistence, session: Session): unknown[] {
  const sent: unknown[] = [];
  session.connect();
  for (let taken = session.take(); taken.length > 0; taken = session.take()) {
    sent.push(...taken.map(briefly));
    for (const { packetId } of taken) persistence.sessions.acknowledge(session, packetId);
  }
  return sent;
}

t.test(
  'an upgrade keeps sessions, what waits for them in order, and the packet ids of what is on its way',
  async (t) => {
    const path = `${temporaryFolder(t)}/site.db`;
    const base = { path, clock: new ManualClock(), log: silentLog };
    const before = new SiteDatabase({
      ...base,
      migrations: shippedMigrations().filter(({ number }) => number < 10),
    });
    before.start();
    const insert =
      'INSERT INTO mqtt_outgoing (client, broker_id, broker_counter, message_id, cmd, topic, payload, qos, retain, dup)';
    await before.commit((sql) =>
      sql.exec(`
      INSERT INTO mqtt_subscription (client, topic, options) VALUES ('svc.a', 'wp/1/#', '{"qos":2}'), ('svc.b', 'x', '{"qos":1}');
      INSERT INTO mqtt_will (client, broker_id, packet, payload) VALUES ('svc.b', 'broker', '{"topic":"will"}', 'gone');
      ${insert} VALUES ('svc.a', 'b', 1, 40001, 'pubrel', NULL, NULL, 0, 0, 0);
      ${insert} VALUES ('svc.a', 'b', 2, 40002, 'publish', 'wp/1/n/p/up/alarm', 'sent', 2, 0, 0);
      ${insert} VALUES ('svc.c', 'b', 2, NULL, 'publish', 't', 'other', 1, 0, 0);
      ${insert} VALUES ('svc.a', 'b', 3, NULL, 'publish', 'wp/1/n/p/up/telemetry', 'waits', 1, 0, 0);
    `),
    );
    await before.close();
    const after = new SiteDatabase(base);
    after.start();
    t.teardown(() => after.close());
    const persistence = new MqttPersistence(after, base);
    persistence.pumpWith(still);
    await persistence.setup({ id: 'b2' });
    t.teardown(() => persistence.close());
    const { sessions } = persistence;
    t.same(
      [...sessions.all()].map(({ client }) => client),
      ['svc.a', 'svc.b', 'svc.c'],
    );
    t.same(await persistence.subscriptionsByClient({ id: 'svc.a' }), [{ topic: 'wp/1/#', qos: 2 }]);
    t.match(sessions.get('svc.a')?.account.statement, { enqueued: 3, queued: 3 });
    t.match(sessions.get('svc.a')?.account.queuedIn('telemetry'), { messages: 1 });
    t.match(persistence.leftWills(), [{ client: 'svc.b', keepaliveS: 0, packet: { topic: 'will' } }]);
    const session = sessions.get('svc.a');
    if (session === undefined) throw new RangeError('svc.a is gone');
    t.same(drain(persistence, session), [
      ['pubrel', 40_001],
      ['wp/1/n/p/up/alarm', 'sent', 2, 40_002, true],
      ['wp/1/n/p/up/telemetry', 'waits', 1, 3, false],
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    await after.commit(() => undefined);
    const copy = new Sqlite(path, { readonly: true });
    t.same(copy.prepare('SELECT client FROM mqtt_outgoing JOIN mqtt_session ON session = id').pluck().all(), [
      'svc.c',
    ]);
    copy.close();
  },
);

t.test(
  'what a crash left of an account is whole: everything was acknowledged, waits, or was dropped',
  async (t) => {
    const path = `${temporaryFolder(t)}/site.db`;
    const base = { path, clock: new ManualClock(), log: silentLog };
    const site = new SiteDatabase(base);
    site.start();
    const persistence = new MqttPersistence(site, base);
    persistence.pumpWith(still);
    await persistence.setup({ id: 'b1' });
    await persistence.sessions.connected('svc.a');
    const session = persistence.sessions.get('svc.a');
    if (session === undefined) throw new RangeError('svc.a is gone');
    const packet = { topic: 't', payload: Buffer.from('x'), qos: 1 };
    await site.commit(() => {
      for (let count = 0; count < 10; count += 1)
        persistence.sessions.enqueue(new Map([['svc.a', 1]]), packet);
    });
    session.connect();
    const [first, second] = session.take();
    for (const each of [first, second]) persistence.sessions.acknowledge(session, each?.packetId ?? 0);
    await new Promise((resolve) => setImmediate(resolve));
    await site.commit(() => undefined);
    persistence.sessions.acknowledge(session, 3);
    // The end of the process: nothing is written down any more.
    const crashed = `${temporaryFolder(t)}/site.db`;
    site.sql.prepare('VACUUM INTO ?').run(crashed);
    persistence.close();
    await site.close();
    const again = new SiteDatabase({ ...base, path: crashed });
    again.start();
    t.teardown(() => again.close());
    const restored = new MqttPersistence(again, base);
    restored.pumpWith(still);
    await restored.setup({ id: 'b2' });
    t.teardown(() => restored.close());
    const known = restored.sessions.get('svc.a');
    t.same(known?.account.statement, { enqueued: 10, acknowledged: 2, queued: 8, inFlight: 0, dropped: 0 });
    t.equal(known?.nextNumber, 11);
    known?.connect();
    t.same(
      known?.take().map(({ packetId, isDup }) => [packetId, isDup]),
      [3, 4, 5, 6, 7, 8, 9, 10].map((packetId) => [packetId, true]),
      'everything may have been sent before, for it was connected',
    );
  },
);
