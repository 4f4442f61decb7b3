import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { AT_QUESTIONS } from '#agent/drivers/modem/at-answer.ts';
import { ModemConfig } from '#agent/drivers/modem/config.ts';
import { askManager } from '#agent/drivers/modem/modem-manager.ts';
import { atQuestion } from '#agent/drivers/modem/modem-sensor.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { NO_PTY, TestLine } from '#test/support/pty.ts';
import { until } from '#test/support/site.ts';

/** The system's: the one that Debian's python3-gi is installed for. */
const PYTHON = '/usr/bin/python3';
const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const missing = ['dbus-daemon', 'busctl'].find((program) => !runs(program, '--version'));
const noBus = missing ?? (runs(PYTHON, '-c', 'import gi') ? null : 'python3-gi');
const noPty = runs(PYTHON, '-c', 'import pty') ? null : 'python3';
const without = (what: string | null) => ({ skip: what === null ? false : `${what} is missing` });

const MANAGER = new URL('modem-manager.py', import.meta.url).pathname;
const IMEIS = ['350000000000001', '350000000000002'] as const;

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new TypeError('no output');
  const [line] = await once(createInterface(child.stdout), 'line');
  return String(line);
}

/** A bus of its own with a ModemManager that has these modems; answers what to ask it with. */
async function managed(t: Test, modems: readonly string[]): Promise<NodeJS.ProcessEnv> {
  // The path of a socket has 107 characters at most.
  const dir = mkdtempSync(join(tmpdir(), 'bus-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const address = `unix:path=${join(dir, 'bus')}`;
  const options = ['--session', '--nofork', '--print-address', `--address=${address}`];
  const bus = spawn('dbus-daemon', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => bus.kill());
  await firstLine(bus);
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
  if (modems.length === 0) return env;
  const manager = spawn(PYTHON, [MANAGER, ...modems], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => manager.kill());
  await firstLine(manager);
  return env;
}

function managerConfig(more: object) {
  const config = ModemConfig.parse({ driver: 'modem', ask: 'modem-manager', measure: 'quality', ...more });
  if (config.ask !== 'modem-manager') throw new TypeError('another driver');
  return config;
}

t.test('ModemManager: quality in percent, and whether it is registered', without(noBus), async (t) => {
  const env = await managed(t, [`${IMEIS[0]}:67:11`]);
  t.equal(await askManager({ config: managerConfig({}), env }), 67);
  t.equal(await askManager({ config: managerConfig({ measure: 'registered' }), env }), 1);
});

t.test('ModemManager: of several modems one must be named', without(noBus), async (t) => {
  const env = await managed(t, [`${IMEIS[0]}:67:11`, `${IMEIS[1]}:12:6`]);
  await t.rejects(askManager({ config: managerConfig({}), env }), {
    code: 'WP2376',
    detail: `there: ${IMEIS.join(', ')}`,
  });
  t.equal(await askManager({ config: managerConfig({ imei: IMEIS[1] }), env }), 12);
  t.equal(await askManager({ config: managerConfig({ imei: IMEIS[1], measure: 'registered' }), env }), 0);
  const other = managerConfig({ imei: '350000000000003' });
  await t.rejects(askManager({ config: other, env }), { code: 'WP2376' });
});

t.test('ModemManager: none on the bus, no bus, no busctl, nonsense', without(noBus), async (t) => {
  const config = managerConfig({});
  const env = await managed(t, []);
  await t.rejects(askManager({ config, env }), { code: 'WP2375' });
  const nowhere = { ...env, DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent' };
  await t.rejects(askManager({ config, env: nowhere }), { code: 'WP2375' });
  await t.rejects(askManager({ config, env, busctl: '/nonexistent/busctl' }), { code: 'WP2375' });
  await t.rejects(askManager({ config, env, busctl: '/bin/echo' }), { code: 'WP2375' });
});

/** A modem on a pty that answers AT commands by this table, echoing them as modems do. */
async function modemOn(t: Test, answers: Readonly<Record<string, string>>): Promise<string> {
  const script = `import json, os, pty, sys, tty
answers = json.loads(sys.argv[1])
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
text = b''
while True:
    text += os.read(master, 100)
    while b'\\r' in text:
        asked, text = text.split(b'\\r', 1)
        os.write(master, asked + b'\\r\\n' + answers.get(asked.decode(), '\\r\\nERROR\\r\\n').encode())
`;
  const args = ['-c', script, JSON.stringify(answers)];
  const python = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => python.kill());
  return firstLine(python);
}

const question = (serial: string, measure: 'rssi' | 'rsrp') => {
  const config = ModemConfig.parse({ driver: 'modem', ask: 'at', serial, measure });
  if (config.ask !== 'at') throw new TypeError('another driver');
  return atQuestion(config, systemClock);
};

t.test('AT commands on a serial line, again and again', without(noPty), async (t) => {
  const serial = await modemOn(t, {
    'AT+CSQ': '\r\n+CSQ: 21,99\r\n\r\nOK\r\n',
    'AT+CESQ': '\r\n+CREG: 1\r\n\r\n+CESQ: 99,99,255,255,20,46\r\n\r\nOK\r\n',
  });
  const rssi = question(serial, 'rssi');
  for (const _ of [1, 2]) t.equal(await rssi(), -71);
  t.equal(await question(serial, 'rsrp')(), -95, 'what it says unasked is passed over');
});

t.test('a modem without a network, one without the command, no line', without(noPty), async (t) => {
  const serial = await modemOn(t, { 'AT+CSQ': '\r\n+CSQ: 99,99\r\n\r\nOK\r\n' });
  await t.rejects(question(serial, 'rssi')(), { code: 'WP2379' });
  await t.rejects(question(serial, 'rsrp')(), { code: 'WP2378' });
  await t.rejects(question('/nonexistent/ttyUSB2', 'rssi')(), { code: 'WP2377' });
});

t.test(
  'a modem that is pulled while it is asked is told, and its line let go',
  { skip: NO_PTY },
  async (t) => {
    const line = await TestLine.make(t);
    const clock = new ManualClock();
    const config = ModemConfig.parse({ driver: 'modem', ask: 'at', serial: line.path, measure: 'rssi' });
    if (config.ask !== 'at') throw new TypeError('another driver');
    const asking = atQuestion(config, clock)();
    asking.catch(() => undefined);
    await until('it is asked', async () => line.isHeld && clock.pending === 2);
    await line.hangUpSaying('+CREG: 1');
    await clock.advance(1_000);
    await t.rejects(asking, { code: 'WP2378', message: /gone/ });
    t.notOk(line.isHeld);
    t.equal(clock.pending, 0);
  },
);

t.test('signal by the table of the standard', async (t) => {
  const { rssi, rsrp } = AT_QUESTIONS;
  t.equal(rssi.dbm('+CSQ: 0,0'), -113);
  t.equal(rssi.dbm('+CSQ: 31,7'), -51);
  for (const line of ['+CSQ: 99,99', '+CSQ: 32,0', '+CSQ: ,', 'OK', 'AT+CSQ'])
    t.equal(rssi.dbm(line), null, line);
  t.equal(rsrp.dbm('+CESQ: 99,99,255,255,34,1'), -140);
  t.equal(rsrp.dbm('+CESQ: 99,99,255,255,34,97'), -44);
  t.equal(rsrp.dbm('+CESQ: 99,99,255,255,34,255'), null);
});

t.test('the ways to ask are not mixed', async (t) => {
  const refused = (value: object) => t.notOk(ModemConfig.safeParse({ driver: 'modem', ...value }).success);
  refused({ ask: 'at', measure: 'rssi' });
  refused({ ask: 'at', serial: '/dev/ttyUSB2', measure: 'quality' });
  refused({ ask: 'modem-manager', serial: '/dev/ttyUSB2', measure: 'quality' });
});
