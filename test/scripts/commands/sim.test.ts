import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { askSim } from '#scripts/commands/sim-client.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SimDevice } from './sim-device.ts';

const CLI = fileURLToPath(new URL('../../../scripts/cli.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `watchpost sim --data DIR …` as a process of its own. */
function sim(dir: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, 'sim', '--data', dir, ...args], (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

function shortDir(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'wp-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function startDevice(t: Test): Promise<{ dir: string; device: SimDevice }> {
  const dir = shortDir(t);
  const device = new SimDevice(dir);
  await device.start();
  t.teardown(() => device.close());
  return { dir, device };
}

t.test('press prints the id of the journalled event and exits 0', async (t) => {
  const { dir, device } = await startDevice(t);
  const press = await sim(dir, 'press');
  t.equal(press.code, 0);
  t.equal(press.out, `${device.recorder.alarms[0]?.id}\n`);
  const again = await sim(dir, 'press');
  t.equal(again.code, 1);
  t.equal(again.out, '');
  t.match(again.err, /WP2311.*\n.*release/);
  t.equal((await sim(dir, 'release')).code, 0);
  t.equal(device.world.contact('button'), false);
});

t.test('a press that could not be stored exits 1', async (t) => {
  const { dir, device } = await startDevice(t);
  device.recorder.trouble = 'unstored';
  const press = await sim(dir, 'press', '--json');
  t.equal(press.code, 1);
  t.match(JSON.parse(press.out), { ok: false, code: 'WP2314' });
});

t.test('state --json prints one line of what the device does', async (t) => {
  const { dir, device } = await startDevice(t);
  device.world.setContact('button', true);
  const state = await sim(dir, 'state', '--json');
  t.equal(state.code, 0);
  t.equal(state.out.split('\n').length, 2);
  t.strictSame(JSON.parse(state.out), {
    panic: 'stored',
    lamp: 'pressed',
    siren: true,
    voice: { key: 'alarm.pressed', language: 'en' },
    link: 'up',
    queues: { alarm: 1 },
  });
  t.match((await sim(dir, 'state')).out, /panic +stored\nlamp +pressed\nsiren +on\n/);
});

t.test('sensor, link, clock and clip reach the world', async (t) => {
  const { dir, device } = await startDevice(t);
  const codes = [
    await sim(dir, 'sensor', 'water', '-2.5'),
    await sim(dir, 'link', 'down'),
    await sim(dir, 'clock', 'unset'),
    await sim(dir, 'clip', 'bag'),
    await sim(dir, 'tamper'),
  ].map(({ code, err }) => code ?? err);
  t.strictSame(codes, [0, 0, 0, 0, 0]);
  const { world } = device;
  t.strictSame(
    [world.sensor('water'), world.link, world.clock, world.clip, world.contact('tamper')],
    [-2.5, 'down', 'unset', 'bag', true],
  );
});

t.test('wrong use exits 2 and says what is right', async (t) => {
  const dir = shortDir(t);
  for (const [args, right] of [
    [['link', 'sideways'], /up, down/],
    [['sensor', 'water'], /value/],
    [['sensor', 'water', 'wet'], /number/],
    [['explode'], /--help/],
    [['press', 'button', 'hard'], /--help/],
    [[], /press/],
  ] as const) {
    const { code, err } = await sim(dir, ...args);
    t.equal(code, 2, args.join(' '));
    t.match(err, right);
  }
});

t.test('a part that the device does not have exits 1 and names those that it has', async (t) => {
  const { dir } = await startDevice(t);
  const { code, err } = await sim(dir, 'sensor', 'smoke', '1');
  t.equal(code, 1);
  t.match(err, /WP2312.*\n.*water/);
});

t.test('without a device the client waits ten seconds, then says so', async (t) => {
  const clock = new ManualClock();
  const asked = askSim(shortDir(t), { request: 'state' }, { clock }).catch((cause: unknown) => cause);
  let result: unknown = null;
  void asked.then((value) => {
    result = value;
  });
  for (let tenth = 0; tenth < 99; tenth += 1) {
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
  }
  t.equal(result, null);
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(100);
  t.match(await asked, { code: 'WP2315' });
});

t.test('a device that comes up meanwhile is found', async (t) => {
  const dir = shortDir(t);
  const asked = askSim(dir, { request: 'state' });
  const device = new SimDevice(dir);
  t.teardown(() => device.close());
  await device.start();
  t.match(await asked, { ok: true, state: { panic: 'idle' } });
});

t.test('a device that dies before it answers is an error', async (t) => {
  const dir = shortDir(t);
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  server.listen(join(dir, 'sim.sock'));
  await once(server, 'listening');
  await t.rejects(askSim(dir, { request: 'press' }), { code: 'WP2315' });
  server.close();
  await once(server, 'close');
});

t.test('what happens to a robot is passed on as it was said, and a device without one says so', async (t) => {
  const { dir, device } = await startDevice(t);
  const lonely = await sim(dir, 'robot', 'bumper', 'pressed');
  t.equal(lonely.code, 1);
  t.match(lonely.err, /WP2312/);
  const orders: unknown[] = [];
  device.world.attach({
    pose: () => ({ map: 'site', x: 0, y: 0, theta: 0 }),
    place: () => undefined,
    order: (order) => void orders.push(order),
    describe: () => ({}),
  });
  t.equal((await sim(dir, 'robot', 'push', '-0.5', '1')).code, 0);
  t.equal((await sim(dir, 'robot', 'battery', '20')).code, 0);
  t.equal((await sim(dir, 'robot', 'wheel', 'left', 'stuck')).code, 0);
  t.same(orders, [
    { do: 'push', x: -0.5, y: 1, theta: 0 },
    { do: 'battery', charge: 0.2 },
    { do: 'wheel', wheel: 'left', state: 'stuck' },
  ]);
  t.equal((await sim(dir, 'robot', 'wheel', 'middle', 'stuck')).code, 2);
});
