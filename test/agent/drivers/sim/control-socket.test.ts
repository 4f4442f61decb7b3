import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { ControlSocket } from '#agent/drivers/sim/control-socket.ts';
import { SimAnswer, type SimState } from '#agent/drivers/sim/protocol.ts';
import { socketPathOf } from '#agent/drivers/sim/socket-path.ts';
import type { SimWorld } from '#agent/drivers/sim/world.ts';
import type { RecordedAlarm } from '#agent/ports/events.ts';
import { ManualDeviceClock, silentLog } from '#test/agent/behaviours/fakes.ts';
import { simWorld } from './sim-world.ts';

const STATE: SimState = {
  panic: 'idle',
  lamp: 'idle',
  siren: false,
  voice: null,
  link: 'up',
  queues: { alarm: 0 },
};

/** An agent of which only the journal is played: it answers each closed contact as told. */
class Rig {
  readonly world: SimWorld = simWorld();
  readonly clock = new ManualDeviceClock();
  readonly socket: ControlSocket;
  readonly #listeners = new Set<(told: RecordedAlarm & { input: string }) => void>();
  journal: 'stores' | 'cannot-store' | 'hangs' = 'stores';

  constructor(dir: string) {
    this.socket = new ControlSocket({
      dir,
      world: this.world,
      inputs: [
        { name: 'tamper', kind: 'tamper' },
        { name: 'button', kind: 'button' },
      ],
      onRecorded: (listener) => {
        this.#listeners.add(listener);
        return () => {
          this.#listeners.delete(listener);
        };
      },
      state: () => STATE,
      clock: this.clock,
      log: silentLog,
    });
    this.world.onContact(({ name, active }) => {
      if (active && this.journal !== 'hangs') this.tell(name);
    });
  }

  tell(input: string): void {
    for (const listener of this.#listeners)
      listener({ input, id: `alarm-of-${input}`, stored: this.journal === 'stores' });
  }

  get waiting(): number {
    return this.#listeners.size;
  }
}

/** A folder whose path a socket can have. */
function shortDir(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'wp-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function startRig(t: Test, dir = shortDir(t)): Promise<Rig & { dir: string }> {
  const rig = Object.assign(new Rig(dir), { dir });
  await rig.socket.start();
  t.teardown(() => rig.socket.close());
  return rig;
}

/** Sends lines as they are; answers what comes back for each. */
async function exchange(dir: string, ...lines: string[]): Promise<SimAnswer[]> {
  const client = createConnection(socketPathOf(dir));
  client.on('error', () => client.destroy());
  const answers: SimAnswer[] = [];
  client.write(lines.map((line) => `${line}\n`).join(''));
  for await (const line of createInterface(client)) {
    answers.push(SimAnswer.parse(JSON.parse(line)));
    if (answers.length === lines.length) break;
  }
  client.destroy();
  return answers;
}

const ask = async (dir: string, request: object): Promise<SimAnswer | undefined> =>
  (await exchange(dir, JSON.stringify(request)))[0];

t.test('the socket is readable by its owner alone', async (t) => {
  const { dir } = await startRig(t);
  t.equal(statSync(join(dir, 'sim.sock')).mode & 0o777, 0o600);
});

t.test('press goes down, answers the id of its alarm, and stays down until release', async (t) => {
  const { dir, world } = await startRig(t);
  t.match(await ask(dir, { request: 'press' }), { ok: true, id: 'alarm-of-button' });
  t.equal(world.contact('button'), true);
  t.match(await ask(dir, { request: 'press' }), { ok: false, code: 'WP2311', message: /button is down/ });
  t.match(await ask(dir, { request: 'release' }), { ok: true });
  t.equal(world.contact('button'), false);
  t.match(await ask(dir, { request: 'press', name: 'pedal' }), { ok: true, id: 'alarm-of-pedal' });
  t.match(await ask(dir, { request: 'tamper' }), { ok: true, id: 'alarm-of-tamper' });
});

t.test('a press that is not journalled in time, or cannot be stored, is an error', async (t) => {
  const rig = await startRig(t);
  rig.journal = 'hangs';
  const late = ask(rig.dir, { request: 'press' });
  while (rig.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  await rig.clock.advance(10_000);
  t.match(await late, { ok: false, code: 'WP2313' });
  rig.journal = 'cannot-store';
  t.match(await ask(rig.dir, { request: 'press', name: 'pedal' }), {
    ok: false,
    code: 'WP2314',
    message: /alarm-of-pedal/,
  });
  t.equal(rig.clock.pending, 0);
  t.equal(rig.waiting, 0);
});

t.test('requests that belong to another contact’s alarm are not mixed up', async (t) => {
  const rig = await startRig(t);
  rig.journal = 'hangs';
  const press = ask(rig.dir, { request: 'press' });
  while (rig.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  rig.journal = 'stores';
  rig.tell('tamper');
  rig.tell('button');
  t.match(await press, { ok: true, id: 'alarm-of-button' });
});

t.test('sensor, link, clock and clip move the world, state tells of the device', async (t) => {
  const { dir, world } = await startRig(t);
  t.match(await ask(dir, { request: 'sensor', name: 'water', value: 1 }), { ok: true });
  t.equal(world.sensor('water'), 1);
  t.match(await ask(dir, { request: 'link', state: 'down' }), { ok: true });
  t.equal(world.link, 'down');
  t.match(await ask(dir, { request: 'clock', state: 'unset' }), { ok: true });
  t.equal(world.clock, 'unset');
  t.match(await ask(dir, { request: 'clip', name: 'bag' }), { ok: true });
  t.equal(world.clip, 'bag');
  t.match(await ask(dir, { request: 'state' }), { ok: true, state: STATE });
  t.match(await ask(dir, { request: 'clip', name: 'none' }), { ok: false, code: 'WP2312' });
});

t.test('nonsense is refused with a code, in the order of the requests, and takes nothing down', async (t) => {
  const { dir } = await startRig(t);
  const answers = await exchange(
    dir,
    'press',
    '[]',
    '{"request":"explode"}',
    '{"request":"press","name":"","x":1}',
    '{"request":"state"}',
  );
  t.strictSame(
    answers.map((answer) => (answer.ok ? 'ok' : answer.code)),
    ['WP2310', 'WP2310', 'WP2310', 'WP2310', 'ok'],
  );
});

t.test('a client that sends without end is cut off', async (t) => {
  const { dir } = await startRig(t);
  const client = createConnection(socketPathOf(dir));
  client.on('error', () => client.destroy());
  client.write('x'.repeat(100_000));
  await once(client, 'close');
  t.match(await ask(dir, { request: 'state' }), { ok: true });
});

t.test('a path too long for a socket falls back to a short one of the owner alone', async (t) => {
  const deep = join('a'.repeat(60), 'b'.repeat(60));
  const root = t.testdir({ ['a'.repeat(60)]: { ['b'.repeat(60)]: {} } });
  const rig = await startRig(t, join(root, deep));
  const path = readFileSync(join(rig.dir, 'sim.sock.path'), 'utf8').trim();
  t.ok(Buffer.byteLength(path) <= 100);
  t.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.match(await ask(rig.dir, { request: 'state' }), { ok: true });
  await rig.socket.close();
  t.equal(existsSync(dirname(path)), false);
  t.equal(existsSync(join(rig.dir, 'sim.sock.path')), false);
});

t.test('a socket left over from a crash is replaced', async (t) => {
  const dir = shortDir(t);
  writeFileSync(join(dir, 'sim.sock'), '');
  await startRig(t, dir);
  t.match(await ask(dir, { request: 'state' }), { ok: true });
});

t.test('a note that names something else is not followed with a broom', async (t) => {
  const dir = shortDir(t);
  writeFileSync(join(dir, 'precious'), 'kept');
  writeFileSync(join(dir, 'sim.sock.path'), join(dir, 'precious'));
  await startRig(t, dir);
  t.equal(readFileSync(join(dir, 'precious'), 'utf8'), 'kept');
  t.match(await ask(dir, { request: 'state' }), { ok: true });
});

t.test('a second agent in the same folder is refused, and the first keeps its socket', async (t) => {
  const { dir } = await startRig(t);
  await t.rejects(new Rig(dir).socket.start(), { code: 'WP2317' });
  t.match(await ask(dir, { request: 'state' }), { ok: true });
});

t.test('close ends clients and what they wait for, and can be called twice', async (t) => {
  const rig = await startRig(t);
  rig.journal = 'hangs';
  const client = createConnection(socketPathOf(rig.dir));
  client.write('{"request":"press"}\n');
  while (rig.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  const ended = once(client, 'close');
  client.resume();
  await rig.socket.close();
  await rig.socket.close();
  await ended;
  t.equal(rig.clock.pending, 0);
  t.equal(existsSync(join(rig.dir, 'sim.sock')), false);
});

t.test('a server of somebody else on the path of a device is not taken for stale', async (t) => {
  const dir = shortDir(t);
  const other = createServer().listen(join(dir, 'sim.sock'));
  await once(other, 'listening');
  await t.rejects(new Rig(dir).socket.start(), { code: 'WP2317' });
  other.close();
  await once(other, 'close');
});
