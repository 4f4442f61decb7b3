import t from 'tap';
import { serviceManager } from '#contract/service-manager.ts';

function heard(env: Record<string, string | undefined>, notify?: (path: string, message: string) => void) {
  const told: string[] = [];
  const logged: string[] = [];
  const note = (_fields: object, event: string) => void logged.push(event);
  const log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const load = () => notify ?? ((path: string, message: string) => void told.push(`${path} ${message}`));
  return { manager: serviceManager({ env, pid: 7, log, load }), told, logged };
}

t.test('a program that nobody has started as a service has nobody to tell', async (t) => {
  t.equal(heard({}).manager, null);
  t.equal(heard({ NOTIFY_SOCKET: 'no-path' }).manager, null);
});

t.test('what it is told reaches the socket, a line each', async (t) => {
  const { manager, told } = heard({ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '6000000', WATCHDOG_PID: '7' });
  t.equal(manager?.watchdogMs, 6000);
  manager?.ready('armed\nREADY=0');
  manager?.alive();
  manager?.stopping();
  t.strictSame(told, ['@n READY=1\nSTATUS=armed READY=0', '@n WATCHDOG=1', '@n STOPPING=1']);
});

t.test('its children do not inherit the way to it', async (t) => {
  const env = { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '1', WATCHDOG_PID: '7', PATH: '/bin' };
  heard(env);
  t.strictSame(env, { PATH: '/bin' });
});

t.test('a watchdog of another process, or none, is not fed', async (t) => {
  for (const given of [
    { WATCHDOG_PID: '8', WATCHDOG_USEC: '5' },
    {},
    { WATCHDOG_USEC: '0' },
    { WATCHDOG_USEC: 'x' },
  ])
    t.equal(heard({ NOTIFY_SOCKET: '/n', ...given }).manager?.watchdogMs, null, JSON.stringify(given));
});

t.test('a manager that does not listen, and a missing addon, are logged once and hurt nobody', async (t) => {
  const deaf = heard({ NOTIFY_SOCKET: '/n' }, () => {
    throw new TypeError('ECONNREFUSED');
  });
  deaf.manager?.alive();
  deaf.manager?.alive();
  t.strictSame(deaf.logged, ['service.not-told']);
  const logged: string[] = [];
  const note = (_fields: object, event: string) => void logged.push(event);
  const log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const load = () => {
    throw new TypeError('no addon');
  };
  const manager = serviceManager({ env: { NOTIFY_SOCKET: '/n' }, pid: 7, log, load });
  t.doesNotThrow(() => manager?.ready('armed'));
  t.strictSame(logged, ['service.cannot-be-told']);
});
