import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { systemClock, wait } from '#contract/clock.ts';
import { type RunningBroker, runBroker, startBroker } from '#test/support/broker-process.ts';
import { seeded } from '#test/support/random.ts';
import { until } from '#test/support/site.ts';
import { LossyDisk } from './power-loss/lossy-disk.ts';
import { SmallDisk } from './support/small-disk.ts';

const skip = LossyDisk.refusal();
const { ENOSPC, EIO, EROFS } = constants.errno;
const AWAY = 'svc.away';
/** A lie would be told within milliseconds: a PUBACK needs one turn of the event loop. */
const LISTEN_MS = 300;
const OPEN = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--open'];

/** A broker with a session that waits for everything below load/. */
async function startWith(
  t: Test,
  dir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningBroker> {
  const broker = await startBroker(t, dir, OPEN, env);
  const away = await connected(broker, AWAY);
  await away.subscribeAsync('load/#', { qos: 1 });
  await away.endAsync();
  return broker;
}

async function connected({ mqtt: url }: RunningBroker, clientId: string): Promise<MqttClient> {
  const client = mqtt.connect(url, { clientId, clean: clientId !== AWAY, reconnectPeriod: 0 });
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  return client;
}

/** `confirmed`, or `refused` when the connection ended without. */
async function publish(broker: RunningBroker, text: string): Promise<'confirmed' | 'refused'> {
  const client = await connected(broker, `tool-${text.slice(0, 20).replaceAll(' ', '-')}`);
  const outcome = await Promise.race([
    client.publishAsync('load/x', text, { qos: 1 }).then(
      () => 'confirmed' as const,
      () => 'refused' as const,
    ),
    new Promise<'refused'>((resolve) => client.once('close', () => resolve('refused'))),
  ]);
  client.end(true);
  return outcome;
}

/** Everything that waited for the session. */
async function waiting(broker: RunningBroker): Promise<string[]> {
  const texts: string[] = [];
  await publish(broker, 'end');
  const client = mqtt.connect(broker.mqtt, { clientId: AWAY, clean: false, reconnectPeriod: 0 });
  await new Promise<void>((resolve) => {
    client.on('message', (_topic, payload) => {
      if (payload.toString() === 'end') resolve();
      else texts.push(payload.toString());
    });
  });
  await client.endAsync();
  return texts;
}

const readyStatus = async ({ http }: RunningBroker): Promise<number> =>
  (await fetch(`${http}/readyz`)).status;

t.test('while the disk has not answered nobody is confirmed', { skip }, async (t) => {
  const disk = LossyDisk.make(t);
  const broker = await startWith(t, disk.dir, disk.env);
  disk.set('hold', 1);
  const client = await connected(broker, 'tool');
  let confirmed = false;
  const done = client.publishAsync('load/x', 'held', { qos: 1 }).then(() => {
    confirmed = true;
  });
  await until('a sync is asked for', async () => disk.get('held') > 0);
  await wait(systemClock, LISTEN_MS);
  t.notOk(confirmed);
  disk.set('hold', 0);
  await done;
  await client.endAsync();
  t.same(await waiting(broker), ['held']);
  t.equal(await broker.stop(), 0);
});

t.test(
  'a sync that fails confirms nobody, ends the process, and costs nothing that was confirmed',
  { skip },
  async (t) => {
    const disk = LossyDisk.make(t);
    const broker = await startWith(t, disk.dir, disk.env);
    t.equal(await publish(broker, 'before'), 'confirmed');
    const dead = once(broker.child, 'exit');
    disk.set('failSync', EIO);
    t.equal(await publish(broker, 'never'), 'refused');
    t.same(await dead, [null, 'SIGKILL']);
    t.match(broker.log(), /WP3011/);
    t.match(broker.log(), /next start reads the database back/, 'it says what comes next');
    disk.cut('torn', seeded(4));
    disk.powerOn();
    const again = await startBroker(t, disk.dir, OPEN, disk.env);
    t.equal(await publish(again, 'after'), 'confirmed');
    const texts = await waiting(again);
    t.same(
      texts.filter((text) => text !== 'never'),
      ['before', 'after'],
    );
  },
);

for (const [name, errno, code] of [
  ['full', ENOSPC, 'WP3001'],
  ['broken', EIO, 'WP3002'],
  ['read-only', EROFS, 'WP3002'],
] as const) {
  t.test(
    `a disk that turns ${name} in service refuses, says so, and goes on when it is back`,
    { skip },
    async (t) => {
      const disk = LossyDisk.make(t);
      const broker = await startWith(t, disk.dir, disk.env);
      t.equal(await publish(broker, 'before'), 'confirmed');
      t.equal(await readyStatus(broker), 200);
      disk.set('writesLeft', 1);
      disk.set('failWrite', errno);
      t.equal(await publish(broker, 'refused one'), 'refused');
      t.equal(await publish(broker, 'refused two'), 'refused');
      t.equal(await readyStatus(broker), 503);
      t.match(broker.log(), new RegExp(code));
      disk.set('failWrite', 0);
      t.equal(await publish(broker, 'after'), 'confirmed');
      t.equal(await readyStatus(broker), 200);
      t.same(await waiting(broker), ['before', 'after'], 'what was refused is nowhere');
      t.equal(await broker.stop(), 0);
    },
  );
}

t.test(
  'a site starts on a full disk, and takes what comes as soon as there is room',
  { skip: SmallDisk.refusal() },
  async (t) => {
    const disk = LossyDisk.make(t);
    const dir = join(disk.dir, 'small');
    const small = SmallDisk.mount(t, dir, 16);
    const first = await startWith(t, dir);
    t.equal(await publish(first, 'before'), 'confirmed');
    t.equal(await first.stop(), 0);
    small.fill();
    // The disk is small from the beginning: how much must be free is another matter.
    const config = join(disk.dir, 'site.yaml');
    writeFileSync(config, 'monitoring: { diskFreeMinMiB: 0 }\n');
    const broker = await startBroker(t, dir, [...OPEN, '--config', config]);
    t.match(broker.log(), /store\.reserve-used/);
    small.fill();
    t.equal(await publish(broker, 'x'.repeat(100_000)), 'refused');
    t.equal(await readyStatus(broker), 503);
    small.empty();
    t.equal(await publish(broker, 'after'), 'confirmed');
    t.equal(await readyStatus(broker), 200);
    t.same(await waiting(broker), ['before', 'after']);
    t.equal(await broker.stop(), 0);
  },
);

t.test(
  'a data folder on a disk mounted read-only is refused with what to do',
  { skip: SmallDisk.refusal() },
  async (t) => {
    const disk = LossyDisk.make(t);
    const dir = join(disk.dir, 'small');
    SmallDisk.mount(t, dir, 16);
    const first = await startWith(t, dir);
    t.equal(await first.stop(), 0);
    execFileSync('mount', ['-o', 'remount,ro', dir], { stdio: 'pipe' });
    const { code, error } = await runBroker(['--data', dir, ...OPEN]);
    t.equal(code, 1);
    t.match(error, /WP3007|WP5008/);
    t.match(error, /can be written|written/);
  },
);
