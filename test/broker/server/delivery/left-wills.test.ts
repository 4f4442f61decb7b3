import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import t from 'tap';
import { clientIdOf } from '#contract/names.ts';
import { upTopic } from '#contract/topics.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { pillar, seen, startSite, type TestSite } from '../test-site.ts';

const SCRIPT = fileURLToPath(new URL('../site-process.ts', import.meta.url));
const topic = upTopic(pillar, 'state');
const state = (online: boolean, conn: number) => JSON.stringify({ online, boot: 1, conn });
const willOf = (conn: number) =>
  ({ topic, payload: Buffer.from(state(false, conn)), qos: 1, retain: true }) as const;

/** A broker with a device connected to it, killed: the will of the device is left. */
async function crash(t: Parameters<typeof temporaryFolder>[0], options: IClientOptions): Promise<string> {
  const dataDir = temporaryFolder(t);
  const child: ChildProcess = spawn(process.execPath, [SCRIPT, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new TypeError('no output');
  const [line] = await once(child.stdout, 'data');
  const device: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${Number(String(line))}`, {
    clientId: clientIdOf(pillar),
    reconnectPeriod: 0,
    will: willOf(1),
    ...options,
  });
  device.on('error', () => undefined);
  await seen(device, 'connect');
  await device.publishAsync(topic, state(true, 1), { qos: 1, retain: true });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  device.end(true);
  return dataDir;
}

/** Everything that is under way has come to an end. */
const settled = ({ site }: TestSite) => site.store.commit(() => undefined);
const online = ({ site }: TestSite) => site.device(pillar)?.state?.online;
const wills = ({ site }: TestSite) => site.store.sql.prepare('SELECT count(*) FROM mqtt_will').pluck().get();

t.test('a will that a crash has left is published after 1.5 keep-alives without its owner', async (t) => {
  const dataDir = await crash(t, { keepalive: 20 });
  const again = await startSite(t, { dataDir });
  await again.clock.advance(29_900);
  await settled(again);
  t.equal(online(again), true, 'the device may still come back');
  await again.clock.advance(200);
  await settled(again);
  t.equal(online(again), false);
  t.equal(wills(again), 0);
  const listening = await again.client('svc.console');
  const retained = new Promise<string>((resolve) => {
    listening.once('message', (_, payload) => resolve(payload.toString()));
  });
  await listening.subscribeAsync('wp/1/+/+/up/state', { qos: 1 });
  t.same(JSON.parse(await retained), { online: false, boot: 1, conn: 1 }, 'and is the retained state');
});

t.test('a connection without keep-alive counts as one with the keep-alive of the settings', async (t) => {
  const dataDir = await crash(t, { keepalive: 0 });
  const again = await startSite(t, { dataDir });
  await again.clock.advance(89_000);
  await settled(again);
  t.equal(online(again), true);
  await again.clock.advance(2000);
  await settled(again);
  t.equal(online(again), false);
});

t.test('an owner that is back in time takes its will over', async (t) => {
  const dataDir = await crash(t, { keepalive: 20 });
  const again = await startSite(t, { dataDir });
  const back = await again.device(pillar, { will: willOf(2) });
  await back.client.publishAsync(topic, state(true, 2), { qos: 1, retain: true });
  await again.clock.advance(60_000);
  await settled(again);
  t.match(again.site.device(pillar), { state: { online: true, conn: 2 } });
  t.equal(wills(again), 1, 'the one of the new connection');
});

t.test('a will that was left behind by a newer state changes nothing', async (t) => {
  const dataDir = await crash(t, { keepalive: 20 });
  const again = await startSite(t, { dataDir });
  const other = await again.client('svc.tool');
  await again.site.store.commit((sql) =>
    sql.exec(`UPDATE device SET conn = 7, state = '${state(true, 7)}' WHERE device = '${pillar.device}'`),
  );
  const told: string[] = [];
  other.on('message', (_, payload) => told.push(payload.toString()));
  await other.subscribeAsync('wp/1/+/+/up/state', { qos: 1 });
  await again.clock.advance(60_000);
  await settled(again);
  t.match(again.site.device(pillar), { state: { online: true, conn: 7 } });
  t.equal(wills(again), 0, 'it was due, and is done with');
  t.notOk(
    told.some((each) => JSON.parse(each).online === false),
    'nobody is told, and it is not retained',
  );
});

t.test('a will that its owner may not say is refused once, and not again and again', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await startSite(t, { dataDir });
  await first.site.store.commit((sql) =>
    sql
      .prepare(
        "INSERT INTO mqtt_will (client, broker_id, packet, payload, keepalive_s) VALUES ('north.pillar-2', 'x', ?, 'y', 20)",
      )
      .run(JSON.stringify({ cmd: 'publish', topic, qos: 1 })),
  );
  await first.close();
  const again = await startSite(t, { dataDir });
  for (let round = 0; round < 5; round += 1) {
    await again.clock.advance(20_000);
    await settled(again);
  }
  t.equal(wills(again), 0);
  t.equal(again.site.store.sql.prepare('SELECT count(*) FROM quarantine').pluck().get(), 1);
});

t.test('a will that comes on a full disk is published when there is room again', async (t) => {
  const here = await startSite(t);
  const { site } = here;
  const going = await here.device(pillar, { will: willOf(1) });
  await going.client.publishAsync(topic, state(true, 1), { qos: 1, retain: true });
  await site.store.commit((sql) =>
    sql.exec('CREATE TABLE filler (a); INSERT INTO filler VALUES (zeroblob(1000)), (zeroblob(1000))'),
  );
  const pages = Number(site.store.sql.pragma('page_count', { simple: true }));
  await site.store.commit((sql) =>
    sql.exec(
      'CREATE TRIGGER full BEFORE UPDATE ON device BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END',
    ),
  );
  site.store.sql.pragma(`max_page_count = ${pages}`);
  const failed = site.store.isTaking;
  going.client.stream.destroy();
  while (site.store.isTaking) await new Promise((resolve) => setImmediate(resolve));
  t.equal(failed, true);
  t.equal(online(here), true, 'it could not be stored');
  t.equal(wills(here), 1, 'and is kept');
  site.store.sql.pragma('max_page_count = 1000000');
  await here.clock.advance(5000);
  await settled(here);
  t.equal(online(here), false);
  t.equal(wills(here), 0);
});
