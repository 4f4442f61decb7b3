import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import mqtt from 'mqtt';
import t from 'tap';
import { upTopic } from '#contract/topics.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { TestDevice } from './test-site.ts';

const SCRIPT = fileURLToPath(new URL('./site-process.ts', import.meta.url));
const PUBLISHERS = 10;
const WINDOW = 20;
const ROUNDS = 3;
/** The broker is killed when so many were confirmed: in the middle of the load, wherever that is. */
const KILL_AFTER = 400;

async function start(dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [SCRIPT, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new TypeError('no output');
  const [line] = await once(child.stdout, 'data');
  return { child, port: Number(String(line)) };
}

t.test('kill -9 under load loses nothing that was confirmed, and doubles nothing', async (t) => {
  const dataDir = temporaryFolder(t);
  const confirmed = new Map<string, string[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, port } = await start(dataDir);
    if (round === 0) await subscribeAndLeave(port);
    let count = 0;
    const killed = once(child, 'exit');
    const kill = () => {
      count += 1;
      if (count === KILL_AFTER) child.kill('SIGKILL');
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, index) =>
      publish({
        port,
        address: { site: 'north', device: `p-${index}` },
        round,
        confirmed,
        onConfirmed: kill,
      }),
    );
    await killed;
    await Promise.all(publishers);
  }
  const { child } = await start(dataDir);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const file = new Sqlite(join(dataDir, 'site.db'), { readonly: true });
  const kept = file
    .prepare<[], { id: string }>('SELECT id FROM ledger_event')
    .all()
    .map(({ id }) => id);
  const queued = file
    .prepare("SELECT count(*) FROM mqtt_outgoing JOIN mqtt_session ON session = id WHERE client = 'svc.away'")
    .pluck()
    .get();
  file.close();
  const all = [...confirmed.values()].flat();
  t.ok(all.length >= ROUNDS * KILL_AFTER, `${all.length} confirmed`);
  t.equal(new Set(kept).size, kept.length, 'no event twice');
  const ledger = new Set(kept);
  t.same(
    all.filter((id) => !ledger.has(id)),
    [],
    'every confirmed one is there',
  );
  t.equal(queued, kept.length, 'and waits once for the session that is away');
});

/** A session that is away: each message must wait for it once. */
async function subscribeAndLeave(port: number): Promise<void> {
  const options = { clientId: 'svc.away', clean: false, reconnectPeriod: 0 };
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options);
  await client.subscribeAsync('wp/1/+/+/up/alarm', { qos: 1 });
  await client.endAsync();
}

interface Load {
  readonly port: number;
  readonly address: { readonly site: string; readonly device: string };
  readonly round: number;
  readonly confirmed: Map<string, string[]>;
  readonly onConfirmed: () => void;
}

/** Presses without end, a window of them at a time, until the broker is gone. */
async function publish({ port, address, round, confirmed, onConfirmed }: Load): Promise<void> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    clientId: `${address.site}.${address.device}`,
    reconnectPeriod: 0,
  });
  client.on('error', () => undefined);
  const closed = new Promise<'closed'>((resolve) => client.once('close', () => resolve('closed')));
  const device = new TestDevice(address, new ManualClock(Date.now()), client);
  device.epoch = `round-${round}`;
  const ids = confirmed.get(address.device) ?? [];
  confirmed.set(address.device, ids);
  const one = async () => {
    const press = device.press();
    await client.publishAsync(upTopic(address, 'alarm'), JSON.stringify(press), { qos: 1 });
    ids.push(press.id);
    onConfirmed();
  };
  const lane = async () => {
    while (client.connected || !client.disconnected) await one();
  };
  await Promise.race([closed, Promise.allSettled(Array.from({ length: WINDOW }, lane))]);
  client.end(true);
}
