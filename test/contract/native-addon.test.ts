import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { openInput } from '#agent/drivers/gpio/open-input.ts';
import { addonFile, loadAddon } from '#contract/native-addon.ts';

const skip = existsSync(addonFile()) ? false : 'the addon was not built: no C compiler';
const noChips = globSync('/dev/gpiochip*').length > 0 ? 'this machine has GPIO chips' : skip;

t.test('without the addon the driver says how to get it', async (t) => {
  const file = join(t.testdir({ 'other.cjs': '' }), 'other.cjs');
  t.throws(() => loadAddon('/nowhere/watchpost.node'), { code: 'WP2340', detail: '/nowhere/watchpost.node' });
  t.throws(() => loadAddon(file), { code: 'WP2340', detail: /is not the addon/ });
});

t.test('on a machine without a chip the driver says that there is none', { skip: noChips }, async (t) => {
  const choice = { driver: 'gpio', chip: 'soc', line: 4 };
  const listener = { edge: () => undefined, gone: () => undefined };
  await t.rejects(openInput(choice, { sinceBootMs: () => 0 }, listener), {
    code: 'WP2341',
    detail: 'soc; here: no chips',
  });
});

t.test('what the kernel answers comes through with its name', { skip }, async (t) => {
  const addon = loadAddon();
  t.throws(() => addon.chip('/nowhere/gpiochip0'), { code: 'ENOENT', message: /^\/nowhere\/gpiochip0: / });
  t.throws(() => addon.chip('/dev/null'), { code: 'ENOTTY' });
  t.throws(() => addon.line('/dev/null', 1), { code: 'ENOTTY' });
  t.throws(() => addon.watch('/dev/null', 1, 0, 'test', 0, 16, () => undefined), { code: 'ENOTTY' });
  t.throws(() => addon.drive('/dev/null', 1, 0, 'test', 1), { code: 'ENOTTY' });
  t.throws(() => addon.chip('/'.repeat(300)), { code: 'ENAMETOOLONG' });
  t.throws(() => addon.level(1), { code: 'EBADF' });
  t.throws(() => addon.set(1, 1), { code: 'EBADF' });
  t.doesNotThrow(() => addon.release(1));
});

t.test('wrong arguments are refused, not believed', { skip }, async (t) => {
  const call = (name: string, ...args: unknown[]) =>
    Reflect.apply(Reflect.get(loadAddon(), name), null, args);
  for (const name of ['chip', 'line', 'watch', 'drive', 'level', 'set', 'release', 'notify']) {
    t.throws(() => call(name), { code: 'EINVAL' }, `${name}()`);
    t.throws(() => call(name, {}, {}, {}, {}, {}, {}, {}), { code: 'EINVAL' }, `${name}({}, …)`);
  }
  t.throws(() => call('watch', '/dev/null', 1, 0, 'test', 0, 16, 'no function'), { code: 'EINVAL' });
});

t.test('a worker may load the addon too, and ends', { skip }, async (t) => {
  const worker = new Worker(`require(${JSON.stringify(addonFile())}).release(1)`, { eval: true });
  const [code] = await once(worker, 'exit');
  t.equal(code, 0);
});

const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = sys.argv[1]
s.bind('\\0' + path[1:] if path[0] == '@' else path)
print('bound', flush=True)
for _ in range(2): print(s.recv(4096).decode(), flush=True)
`;

t.test('a notification reaches a unix datagram socket, by path and by abstract name', { skip }, async (t) => {
  const addon = loadAddon();
  // A path of a unix socket has 107 characters at most: too few for the test's own folder.
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const path of [join(folder, 'n.sock'), `@watchpost-test-${process.pid}`]) {
    const receiver = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    t.equal(await next(), 'bound');
    addon.notify(path, 'READY=1');
    addon.notify(path, 'WATCHDOG=1');
    t.strictSame([await next(), await next()], ['READY=1', 'WATCHDOG=1']);
    await once(receiver, 'exit');
    t.throws(() => addon.notify(path, 'STOPPING=1'), { code: 'ECONNREFUSED' }, 'nobody listens any more');
  }
});
