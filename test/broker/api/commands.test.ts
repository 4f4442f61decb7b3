import t from 'tap';
import { REPLY_WAIT_MS } from '#broker/api/command-desk.ts';
import { TestModes } from '#broker/incidents/test-mode.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { Command } from '#contract/messages.ts';
import { apiSide } from '../support/api.ts';
import { ledgerEvent, PILLAR, type Teardown } from '../support/desk.ts';

const PATH = 'devices/mall.pillar-001/commands';
const SPEAK = { name: 'speak', args: { key: 'hello' } };

/** A connected pillar that answers every command. */
async function answering(t: Teardown, ok = true) {
  const side = await apiSide(t);
  const { clock, db, devices, messenger, commands } = side;
  const state = { online: true, boot: 3, conn: 1, bootId: 'b1' };
  devices.put({ ...PILLAR, state });
  messenger.connected.add('mall.pillar-001');
  messenger.onPublish = ({ message }) => {
    const { id, name } = Command.parse(message);
    const reply = { id, name, ok, at: new Date(clock.wallMs()).toISOString() };
    void db.commit(() => commands.replied(PILLAR, reply));
  };
  return side;
}

t.test('a command goes to the device, expires, and its reply comes back in the answer', async (t) => {
  const { call, messenger } = await answering(t);
  const answer = await call(PATH, { body: { ...SPEAK, expiresInS: 10 } });
  t.match([answer.status, answer.json], [200, { name: 'speak', who: 'Ada', reply: { ok: true } }]);
  const [sent] = messenger.sent;
  t.equal(sent?.topic, 'wp/1/mall/pillar-001/down/command');
  const { issuedAt, expiresAt } = Command.parse(sent?.message);
  t.equal(Date.parse(expiresAt) - Date.parse(issuedAt), 10_000);
});

t.test('a device that is silent gives 202, and the reply can be read when it has come', async (t) => {
  const { call, clock, db, messenger, commands } = await answering(t);
  const published = new Promise<string>((resolve) => {
    messenger.onPublish = ({ message }) => resolve(Command.parse(message).id);
  });
  const calling = call(PATH, { body: SPEAK });
  const id = await published;
  await clock.advance(REPLY_WAIT_MS);
  t.match(await calling, { status: 202, json: { id, reply: null } });
  const at = new Date(clock.wallMs()).toISOString();
  await db.commit(() => commands.replied(PILLAR, { id, name: 'speak', ok: false, code: 'WP2101', at }));
  await db.commit(() => commands.replied(PILLAR, { id, name: 'speak', ok: true, at }));
  t.match((await call(`${PATH}/${id}`)).json, { reply: { ok: false, code: 'WP2101' } }, 'the first counts');
});

t.test('another device cannot answer in its place', async (t) => {
  const { call, clock, db, messenger, commands } = await answering(t);
  const published = new Promise<string>((resolve) => {
    messenger.onPublish = ({ message }) => resolve(Command.parse(message).id);
  });
  const calling = call(PATH, { body: SPEAK });
  const id = await published;
  await db.commit(() =>
    commands.replied({ site: 'mall', device: 'other' }, { id, name: 'speak', ok: true, at: 'x' }),
  );
  await clock.advance(REPLY_WAIT_MS);
  t.equal((await calling).status, 202);
});

t.test('nothing is sent to a device that is away, unknown, or would not understand it', async (t) => {
  const { call, devices, messenger, db } = await answering(t);
  devices.put({ site: 'mall', device: 'away' });
  const cases: [string, object, number, string][] = [
    ['devices/mall.away/commands', SPEAK, 409, 'WP3405'],
    ['devices/mall.none/commands', SPEAK, 404, 'WP3404'],
    ['devices/none/commands', SPEAK, 404, 'WP3404'],
    [PATH, { name: 'explode' }, 400, 'WP3406'],
    [PATH, { name: 'speak', args: { kee: 'x' } }, 400, 'WP3406'],
    [PATH, { name: 'speak', args: { key: 'x' }, expiresInS: 0 }, 400, 'WP3400'],
  ];
  for (const [path, body, status, code] of cases) {
    const answer = await call(path, { body });
    t.match([answer.status, answer.json], [status, { code }], path);
  }
  t.same(messenger.sent, []);
  t.equal(db.sql.prepare('SELECT count(*) FROM command').pluck().get(), 0);
  t.equal((await call(PATH, { body: SPEAK, as: 'auditor' })).status, 403);
});

t.test('a device that does not know the time gets an expiry by its own uptime', async (t) => {
  const { call, messenger, db, clock } = await answering(t);
  const ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
  const hear = (wpmono: string) => {
    const { envelope } = ledgerEvent(clock, { type: 'wp.panic.pressed.v1' });
    return db.commit(() => ledger.ingest(PILLAR, { ...envelope, wpmono }, false));
  };
  await call(PATH, { body: SPEAK });
  t.equal(Command.parse(messenger.sent[0]?.message).boot, undefined, 'nothing heard of this boot yet');
  await hear('60000');
  await clock.advance(5_000);
  await hear('61000');
  await clock.advance(1_000);
  await call(PATH, { body: { ...SPEAK, expiresInS: 10 } });
  t.match(messenger.sent[1]?.message, { boot: 'b1', notAfterMono: 76_000 }, 'the late event is not believed');
});

t.test('test mode covers the inputs named, from the device’s agreement until its time is over', async (t) => {
  const { call, testModes, clock } = await answering(t);
  const press = (data = {}) => ledgerEvent(clock, { type: 'wp.panic.pressed.v1', data }).envelope;
  const before = press();
  await clock.advance(1_000);
  await call(PATH, { body: { name: 'test-mode', args: { inputs: ['button'], forS: 60 } } });
  t.equal(testModes.judge(PILLAR, press()), true);
  t.equal(testModes.judge(PILLAR, press({ input: 'pedal' })), false, 'another input');
  t.equal(testModes.judge(PILLAR, { ...press(), wpboot: 'b2' }), false, 'another boot');
  t.equal(testModes.judge({ site: 'mall', device: 'other' }, press()), false, 'another device');
  t.equal(testModes.judge(PILLAR, before), false, 'pressed before, delivered late');
  const inTime = press();
  await clock.advance(61_000);
  t.equal(testModes.judge(PILLAR, press()), false, 'over');
  t.equal(testModes.judge(PILLAR, inTime), true, 'pressed in time, still on its way');
  await clock.advance(60_000);
  t.equal(testModes.judge(PILLAR, inTime), false, 'too late to be sure');
});

t.test(
  'test mode is not granted by a device that refuses, and ends with a new start of the device',
  async (t) => {
    const refusing = await answering(t, false);
    const body = { name: 'test-mode', args: { inputs: ['button'], forS: 60 } };
    await refusing.call(PATH, { body });
    t.equal(refusing.testModes.of(PILLAR), null);
    const { call, testModes, commands, devices } = await answering(t);
    await call(PATH, { body });
    await commands.deviceChanged(PILLAR);
    t.ok(testModes.of(PILLAR));
    devices.put({ ...PILLAR, state: { online: true, boot: 4, conn: 1, bootId: 'b1' } });
    await commands.deviceChanged(PILLAR);
    t.equal(testModes.of(PILLAR), null);
  },
);

t.test('test mode is over half an hour refused, and outlives a restart of the site', async (t) => {
  const { call, testModes, clock, db } = await answering(t);
  const long = { name: 'test-mode', args: { inputs: ['button'], forS: 1801 } };
  t.equal((await call(PATH, { body: long })).status, 400);
  await call(PATH, { body: { name: 'test-mode', args: { inputs: ['button'], forS: 60 } } });
  const restarted = new TestModes(db, clock);
  restarted.start();
  t.same(restarted.of(PILLAR), testModes.of(PILLAR));
  await call(PATH, { body: { name: 'test-mode', args: { inputs: [], forS: 0 } } });
  t.equal(testModes.of(PILLAR), null);
});
