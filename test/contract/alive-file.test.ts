import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { aliveFile } from '#contract/alive-file.ts';
import { serviceManager } from '#contract/service-manager.ts';

const quiet = () => undefined;
const noLog = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => noLog };

t.test('each sign of life leaves when it was, and whose', async (t) => {
  const file = join(t.testdir(), 'alive');
  let now = 12.9;
  const tell = aliveFile({ pid: 7, uptimeS: () => now });
  tell(file, 'STATUS=armed');
  t.notOk(existsSync(file), 'words about other things are none');
  tell(file, 'READY=1\nSTATUS=armed');
  t.equal(readFileSync(file, 'utf8'), '12 7\n');
  now = 15;
  tell(file, 'WATCHDOG=1');
  t.equal(readFileSync(file, 'utf8'), '15 7\n');
});

t.test('a program that ends leaves no sign of life behind', async (t) => {
  const file = join(t.testdir(), 'alive');
  const tell = aliveFile({ pid: 7 });
  tell(file, 'WATCHDOG=1');
  tell(file, 'STOPPING=1');
  tell(file, 'STOPPING=1');
  t.notOk(existsSync(file));
});

t.test('a container names the file, and its children do not inherit it', async (t) => {
  const file = join(t.testdir(), 'alive');
  const env = { WATCHPOST_ALIVE_FILE: file, PATH: '/bin' };
  const manager = serviceManager({ env, pid: 7, log: noLog });
  t.equal(manager?.watchdogMs, 6000);
  manager?.alive();
  t.match(readFileSync(file, 'utf8'), /^\d+ 7\n$/);
  t.strictSame(env, { PATH: '/bin' });
});

t.test('systemd comes before the file, and a file without a path is none', async (t) => {
  const told: string[] = [];
  const load = () => (path: string) => void told.push(path);
  const file = join(t.testdir(), 'alive');
  const env = { NOTIFY_SOCKET: '@systemd', WATCHPOST_ALIVE_FILE: file };
  serviceManager({ env, pid: 7, log: noLog, load })?.alive();
  t.strictSame(told, ['@systemd']);
  t.notOk(existsSync(file));
  t.equal(serviceManager({ env: { WATCHPOST_ALIVE_FILE: 'alive' }, pid: 7, log: noLog }), null);
});
