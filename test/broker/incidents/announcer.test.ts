import t from 'tap';
import { Announcer } from '#broker/incidents/announcer.ts';
import { ChangeBatch } from '#broker/incidents/change-batch.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import { HandMessenger } from '../support/api.ts';
import { incidentSide, ledgerEvent, PILLAR } from '../support/desk.ts';

const TOPIC = 'wp/1/mall/pillar-001/down/incident';

function setting(t: Parameters<typeof memoryDatabase>[0]) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const side = incidentSide({ db, clock });
  t.teardown(() => side.escalation.close());
  const messenger = new HandMessenger();
  const announcer = new Announcer({ clock, log: silentLog, view: side.view, messenger });
  const press = async (type = 'wp.panic.pressed.v1') => {
    const event = ledgerEvent(clock, { type });
    await db.commit(() => side.desk.onEvent(event));
    return event.envelope.id;
  };
  return { clock, db, ...side, messenger, announcer, press };
}

t.test('a change is told to the device that is connected, with the newest rev', async (t) => {
  const { press, announcer, messenger, changes } = setting(t);
  const alarmId = await press();
  const incidentId = changes[0] ?? '';
  announcer.incidentChanged(incidentId);
  t.same(messenger.sent, [], 'it is away');
  messenger.connected.add('mall.pillar-001');
  announcer.incidentChanged(incidentId);
  t.same(messenger.sent, [
    { topic: TOPIC, message: { incidentId, alarmIds: [alarmId], state: 'open', rev: 1 } },
  ]);
  announcer.incidentChanged('none');
  t.equal(messenger.sent.length, 1);
});

t.test('at every SUBSCRIBE a device hears of what is not over, and of what ended within a day', async (t) => {
  const { press, announcer, messenger, desk, changes, clock } = setting(t);
  await press('wp.smoke.detected.v1');
  const openId = changes.at(-1) ?? '';
  await clock.advance(24 * 3_600_000 + 1);
  await press('wp.panic.pressed.v1');
  const endedId = changes.at(-1) ?? '';
  await desk.act(endedId, 'resolve', {}, 'guard-1');
  const open = { message: { incidentId: openId, state: 'open', rev: 1 } };
  const ended = { message: { incidentId: endedId, state: 'resolved', rev: 2 } };
  for (let subscribe = 0; subscribe < 2; subscribe++) announcer.deviceSubscribed(PILLAR);
  t.match(messenger.sent.splice(0), [open, ended, open, ended]);
  await desk.act(endedId, 'review', {}, 'supervisor-1');
  announcer.deviceSubscribed(PILLAR);
  t.match(messenger.sent.splice(0), [open, { message: { incidentId: endedId, state: 'reviewed' } }]);
  await clock.advance(24 * 3_600_000 + 1);
  announcer.deviceSubscribed(PILLAR);
  t.match(messenger.sent.splice(0), [open], 'what ended is told for a day');
});

t.test('a notice that cannot be sent harms nobody', async (t) => {
  const { press, clock, view, changes } = setting(t);
  await press();
  const warned: string[] = [];
  const log = { ...silentLog, warn: (_: object, event: string) => void warned.push(event) };
  const messenger = new HandMessenger();
  messenger.connected.add('mall.pillar-001');
  messenger.onPublish = () => {
    throw new RangeError('gone');
  };
  new Announcer({ clock, log, view, messenger }).incidentChanged(changes[0] ?? '');
  await clock.advance(0);
  t.same(warned, ['incident.not-announced']);
});

t.test('many changes of one turn are told once each, after the receipt has left', async (t) => {
  const clock = new ManualClock();
  const told: string[] = [];
  const batch = new ChangeBatch(
    (id) => {
      if (id === 'bad') throw new RangeError('unreadable');
      told.push(id);
    },
    clock,
    silentLog,
  );
  for (const id of ['a', 'bad', 'b', 'a']) batch.add(id);
  await clock.advance(10);
  t.same(told, ['a', 'b']);
  batch.add('c');
  batch.close();
  await clock.advance(10);
  t.same(told, ['a', 'b']);
});
