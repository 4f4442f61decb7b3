import type { MqttClient } from 'mqtt';
import t from 'tap';
import { IncidentDesk } from '#broker/incidents/incident-desk.ts';
import { DEFAULT_RULES } from '#broker/incidents/rules.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { TAKEOVER_WINDOW_MS, Takeovers } from '#broker/server/takeovers.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import { seen, startSite, type TestSite } from './test-site.ts';

/** One after the other takes the session; the last one has it. */
async function takeTurns(site: TestSite, clientId: string, times: number): Promise<MqttClient> {
  let holder = await site.client(clientId);
  for (let turn = 0; turn < times; turn += 1) {
    const out = seen(holder, 'close');
    holder = await site.client(clientId);
    await out;
  }
  await site.site.store.commit(() => undefined);
  return holder;
}

const takeovers = async ({ registry }: TestSite): Promise<number | undefined> =>
  (await registry.getSingleMetric('watchpost_mqtt_takeovers_total')?.get())?.values[0]?.value;

t.test(
  'three takeovers in a minute are a link that breaks; the fourth is a contest, reported once',
  async (t) => {
    const site = await startSite(t);
    await takeTurns(site, 'north.pillar-1', 3);
    t.same(site.witness.events, []);
    t.equal(await takeovers(site), 3);
    await site.clock.advance(TAKEOVER_WINDOW_MS - 1000);
    const holder = await takeTurns(site, 'north.pillar-1', 5);
    const told = site.witness.events.map(({ envelope }) => envelope);
    t.match(told, [
      {
        ...{ type: 'wp.session.contested.v1', source: '/wp/north/pillar-1', wplane: 'event' },
        data: { clientId: 'north.pillar-1', takeovers: 4, windowS: 60, addresses: ['127.0.0.1'] },
      },
    ]);
    t.equal(told.length, 1, 'one, not one a takeover');
    t.equal(await takeovers(site), 9, 'every one is counted');
    await holder.publishAsync('wp/1/north/pillar-1/up/reply', '{}', { qos: 1 });
  },
);

t.test('takeovers that lie more than a minute apart are none', async (t) => {
  const site = await startSite(t);
  for (let round = 0; round < 4; round += 1) {
    await takeTurns(site, 'north.pillar-1', 2);
    await site.clock.advance(TAKEOVER_WINDOW_MS);
  }
  t.same(site.witness.events, []);
});

t.test('whoever comes back after having gone takes nothing over', async (t) => {
  const site = await startSite(t);
  for (let round = 0; round < 6; round += 1) {
    const client = await site.client('north.pillar-1');
    const gone = new Promise<void>((resolve) => {
      const off = site.site.feed.on('device', (address) => {
        if (site.site.presence.isConnected(address)) return;
        off();
        resolve();
      });
    });
    await client.endAsync();
    await gone;
  }
  t.same(site.witness.events, []);
});

t.test('a service in a contest stands under its own name; a tool without a name only counts', async (t) => {
  const site = await startSite(t);
  await takeTurns(site, 'svc.recorder', 4);
  await takeTurns(site, 'tool', 4);
  t.match(
    site.witness.events.map(({ envelope }) => envelope.source),
    ['/wp/svc/recorder'],
  );
  t.equal(await takeovers(site), 8);
});

t.test('in open mode nothing is reported', async (t) => {
  const site = await startSite(t, { access: 'open' });
  await takeTurns(site, 'north.pillar-1', 5);
  t.same(site.witness.events, []);
});

t.test('the contest is one open incident for the consoles, which later reports join', async (t) => {
  const db = memoryDatabase(t);
  const clock = new ManualClock();
  const devices = { devices: () => [], device: () => null };
  const desk = new IncidentDesk({
    ...{ db, clock, devices, rules: DEFAULT_RULES, audit: new AuditLog(clock), onChanged: () => undefined },
  });
  const site = await startSite(t);
  await takeTurns(site, 'north.pillar-1', 4);
  await site.clock.advance(11 * 60_000);
  await takeTurns(site, 'north.pillar-1', 5);
  t.equal(site.witness.events.length, 2);
  await db.commit(() => {
    for (const event of site.witness.events) desk.onEvent(event);
  });
  const incidents = db.sql.prepare('SELECT type, state, reach, topic FROM incident').all();
  t.same(incidents, [{ type: 'wp.session.contested.v1', state: 'open', reach: 'first', topic: 'session' }]);
});

t.test('what is remembered of takeovers has a bound, however many names there are', (t) => {
  const contested: string[] = [];
  const watch = new Takeovers({
    ...{ clock: new ManualClock(), log: silentLog, perMinute: 3, onTakeover: () => undefined },
    onContested: ({ clientId }) => contested.push(clientId),
  });
  for (let turn = 0; turn < 3; turn += 1) watch.note('first', 'a');
  for (let other = 0; other < 10_000; other += 1) watch.note(`other-${other}`, 'a');
  watch.note('first', 'a');
  t.same(contested, [], 'the one heard of longest ago was forgotten');
  for (let turn = 0; turn < 3; turn += 1) watch.note('first', 'b');
  t.same(contested, ['first']);
  t.end();
});
