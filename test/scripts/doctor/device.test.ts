import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { ALARM_MIGRATIONS, EVENT_MIGRATIONS } from '#agent/core/journal/schema.ts';
import { agentCheck } from '#scripts/doctor/checks/agent.ts';
import { brokerCheck } from '#scripts/doctor/checks/broker.ts';
import { devicesCheck } from '#scripts/doctor/checks/devices.ts';
import { identityCheck } from '#scripts/doctor/checks/identity.ts';
import { journalCheck } from '#scripts/doctor/checks/journal.ts';
import { linesCheck } from '#scripts/doctor/checks/lines.ts';
import { soundCheck } from '#scripts/doctor/checks/sound.ts';
import { voiceCheck } from '#scripts/doctor/checks/voice.ts';
import { type Issue, type KeyAndCertificate, TestAuthority } from '#test/support/certificates.ts';
import { chipOf, found, machineIn, NOW_MS, patient, profileOf, program, systemTree } from './patient.ts';

const DAY_MS = 86_400_000;

t.test('a GPIO line is found by the label of its chip, and each way to be wrong has its code', async (t) => {
  const root = systemTree(t.testdir());
  const addon = chipOf(root, 'pinctrl-bcm2711', { line: 4, consumer: 'w1-gpio' });
  const look = (line: object) => {
    const inputs = [
      {
        name: 'button',
        kind: 'button',
        with: { driver: 'gpio', chip: 'pinctrl-bcm2711', line: 17, ...line },
      },
    ];
    const machine = machineIn(root, { addon: () => addon });
    return found(linesCheck, patient({ machine, profile: profileOf({ inputs }) }));
  };
  t.same(await look({}), ['ok gpio inputs[0]']);
  t.same(await look({ line: 'GPIO17' }), ['ok gpio inputs[0]']);
  t.same(await look({ chip: 'pinctrl-rp1' }), ['failed gpio inputs[0] WP2341']);
  t.same(await look({ line: 40 }), ['failed gpio inputs[0] WP2343']);
  t.same(await look({ line: 4 }), ['failed gpio inputs[0] WP2344']);
  const own = chipOf(root, 'pinctrl-bcm2711', { line: 17, consumer: 'watchpost' });
  const machine = machineIn(root, { addon: () => own });
  t.same(await found(linesCheck, patient({ machine, profile: profileOf() })), ['ok gpio inputs[0]']);
  const without = patient({ machine: machineIn(root), profile: profileOf() });
  t.same(await found(linesCheck, without), ['failed gpio WP2340']);
});

t.test('boards, receivers, sensors of the kernel, programs and cameras are looked for', async (t) => {
  const root = systemTree(t.testdir(), {
    'dev/serial/by-id/usb-uno': '',
    'dev/video0': '',
    'sys/class/hwmon/hwmon0/name': 'sht3x\n',
    'sys/class/power_supply/BAT0/capacity': '90',
  });
  program(root, 'reader');
  const sensor = (using: object) => ({
    ...{ name: 's', unit: '1', periodS: 1, deadband: 0, atLeastEveryS: 60, with: using },
  });
  const camera = (source: string) => ({
    camera: { name: 'c', width: 320, framesPerSecond: 10, dwellS: 60, with: { driver: 'gstreamer', source } },
  });
  const gateway = createPlain((socket) => socket.destroy());
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  t.teardown(() => gateway.close());
  const address = gateway.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const cases: [object, string][] = [
    [{ boards: [{ name: 'b', with: { driver: 'firmata', port: 'usb-uno' } }] }, 'ok'],
    [{ boards: [{ name: 'b', with: { driver: 'firmata', port: 'usb-mega' } }] }, 'failed'],
    [{ sensors: [sensor({ driver: 'hwmon', device: 'sht3x', channel: 'temp1' })] }, 'ok'],
    [{ sensors: [sensor({ driver: 'hwmon', device: 'bme280', channel: 'temp1' })] }, 'failed'],
    [{ sensors: [sensor({ driver: 'power', supply: 'BAT0', property: 'capacity' })] }, 'ok'],
    [{ sensors: [sensor({ driver: 'power', supply: 'BAT1', property: 'capacity' })] }, 'failed'],
    [{ sensors: [sensor({ driver: 'exec', command: '/bin/reader' })] }, 'ok'],
    [{ sensors: [sensor({ driver: 'exec', command: '/bin/gone' })] }, 'failed'],
    [{ sensors: [sensor({ driver: 'gnss', serial: '/dev/ttyACM7', measure: 'hdop' })] }, 'failed'],
    [{ sensors: [sensor({ driver: 'gnss', gpsd: `127.0.0.1:${port}`, measure: 'hdop' })] }, 'ok'],
    [{ sensors: [sensor({ driver: 'gnss', gpsd: '127.0.0.1:1', measure: 'hdop' })] }, 'failed'],
    [camera('v4l2:///dev/video0'), 'ok'],
    [camera('v4l2:///dev/video9'), 'failed'],
    [camera(`rtsp://admin:secret@127.0.0.1:${port}/live`), 'ok'],
    [camera('rtsp://admin:secret@127.0.0.1:1/live'), 'failed'],
  ];
  for (const [parts, result] of cases) {
    const findings = await devicesCheck.examine(
      patient({ machine: machineIn(root), profile: profileOf(parts) }),
    );
    t.match(findings[0], { result }, JSON.stringify(parts));
    t.notOk(JSON.stringify(findings).includes('secret'), 'no password of a camera is shown');
  }
});

t.test(
  'sound that does not answer, is muted or has no sink is found, by the driver’s own probe',
  async (t) => {
    const root = systemTree(t.testdir());
    const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
    const look = (mute: string, volume: string) => {
      const run = async (command: readonly string[]) => ({
        ...{ status: 0, said: '' },
        shown: command.includes('get-sink-mute') ? mute : volume,
      });
      return found(soundCheck, patient({ machine: machineIn(root, { env, run }), profile: profileOf() }));
    };
    program(root, 'pactl', { code: 1 });
    t.same(await look('', ''), ['failed sound WP2504']);
    program(root, 'pactl', { prints: '0\\tauto_null\\tx\\n' });
    t.same(await look('', ''), ['failed sound WP2504']);
    program(root, 'pactl', { prints: '0\\talsa_output\\tx\\n' });
    t.same(await look('Mute: no', 'front-left: 60000 /  92%'), ['ok sound', 'ok sound is on']);
    t.same(await look('Mute: yes', 'front-left: 60000 /  92%'), ['ok sound', 'failed sound is on WP4723']);
    t.same(await look('Mute: no', 'front-left: 0 /  0%'), ['ok sound', 'failed sound is on WP4723']);
    t.same(await look('Mute: no', 'front-left: 9000 /  12%'), ['ok sound', 'warning sound is on WP4723']);
  },
);

t.test('a language without prompts, and a prompt that is gone, are found', async (t) => {
  const dataDir = t.testdir({
    'profile.json': '{}',
    voice: {
      'manifest.json': JSON.stringify({
        prompts: [
          { language: 'en', file: 'en/a.wav' },
          { language: 'ja', file: 'ja/a.wav' },
        ],
      }),
      en: { 'a.wav': 'RIFF' },
    },
  });
  const who = patient({ dataDir, profile: profileOf({ languages: ['en', 'ja', 'fr'] }) });
  t.same(await found(voiceCheck, who), ['ok voice en', 'failed voice ja WP4724', 'failed voice fr WP4724']);
});

function identity(dir: string, { key, cert }: KeyAndCertificate, ca: string): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries({ key, cert, ca })) {
    writeFileSync(join(dir, `${name}.pem`), text);
    chmodSync(join(dir, `${name}.pem`), 0o600);
  }
  return dir;
}

t.test(
  'a certificate that has ended, ends soon, is not valid yet or is of another key is found',
  async (t) => {
    const dir = t.testdir();
    const own = await TestAuthority.make();
    const look = async (name: string, issue: Issue) => {
      const folder = identity(join(dir, name), await own.issue('mall.pillar-001', issue), own.cert);
      return (await found(identityCheck, patient({ identityDir: folder })))[2];
    };
    const [past, soon, later] = [Date.now() - DAY_MS, Date.now() + 10 * DAY_MS, Date.now() + 300 * DAY_MS];
    t.equal(await look('good', { notAfterMs: later }), 'ok certificate');
    t.equal(await look('soon', { notAfterMs: soon }), 'warning certificate WP4706');
    t.equal(
      await look('ended', { notBeforeMs: past - DAY_MS, notAfterMs: past }),
      'failed certificate WP4705',
    );
    t.equal(await look('early', { notBeforeMs: soon, notAfterMs: later }), 'failed certificate WP4707');
    const [one, other] = [await own.issue('a.b'), await own.issue('a.c')];
    const mixed = identity(join(dir, 'mixed'), { key: one.key, cert: other.cert }, own.cert);
    t.equal(
      (await found(identityCheck, patient({ identityDir: mixed })))[1],
      'failed certificate and key WP4708',
    );
    chmodSync(join(mixed, 'key.pem'), 0o644);
    t.equal((await found(identityCheck, patient({ identityDir: mixed })))[0], 'failed private key WP4709');
    t.same(await found(identityCheck, patient({ identityDir: join(dir, 'none') })), [
      'failed identity WP2205',
    ]);
  },
);

t.test('a broker is reached by TCP and TLS, and whoever does not trust whom is told', async (t) => {
  const dir = t.testdir();
  const site = await TestAuthority.make();
  const stranger = await TestAuthority.make('CN=Somebody');
  const broker = async (
    authority: TestAuthority,
    issue: Issue,
    refuses: 'strangers' | 'all' = 'strangers',
  ) => {
    const { key, cert } = await authority.issue('broker', { usage: 'server', ...issue });
    const server = createServer(
      { key, cert, ca: site.cert, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        socket.on('error', () => undefined);
        if (refuses === 'all') socket.destroy();
      },
    );
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const address = server.address();
    return `mqtts://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  };
  const own = identity(join(dir, 'own'), await site.issue('mall.pillar-001'), site.cert);
  const foreign = identity(join(dir, 'foreign'), await stranger.issue('mall.pillar-001'), site.cert);
  const look = async (url: string, identityDir: string | null = own) =>
    (await found(brokerCheck, patient({ brokers: [url], identityDir })))[0]?.replace(` broker ${url}`, '');
  const url = await broker(site, {});
  t.equal(await look(url), 'ok');
  t.equal(await look(url, foreign), 'failed WP4715');
  t.equal(await look(await broker(site, {}, 'all')), 'failed WP4715');
  t.equal(await look(await broker(stranger, {})), 'failed WP4715');
  const ended = { notBeforeMs: Date.now() - 9 * DAY_MS, notAfterMs: Date.now() - DAY_MS };
  t.equal(await look(await broker(site, ended)), 'failed WP4715');
  t.equal(await look('mqtt://127.0.0.1:1'), 'failed WP4714');
  t.equal(await look('mqtts://127.0.0.1:1', null), 'failed WP2206');
  t.same(await found(brokerCheck, patient({})), ['skipped broker']);
});

const RECORD = {
  ...{ version: 1, starts: 5, healthyRuns: 4, crashes: 0, safeRuns: 0, goodProfile: null, suspect: null },
  run: { bootId: 'boot-now', mode: 'normal', profile: '', hasLasted: true, hasEnded: false },
};

t.test('an agent that runs, was ended, crashed, or is in safe mode is told apart', async (t) => {
  const root = systemTree(t.testdir({ data: {}, other: {} }));
  const dataDir = join(root, 'data');
  const machine = machineIn(root);
  const look = () => found(agentCheck, patient({ machine, dataDir }));
  const note = (also: object, run: object = {}) =>
    writeFileSync(
      join(dataDir, 'starts.json'),
      JSON.stringify({ ...RECORD, ...also, run: { ...RECORD.run, ...run } }),
    );
  t.same(await look(), ['skipped agent']);
  note({});
  t.same(await look(), ['failed agent WP4716', 'ok starts']);
  note({}, { bootId: 'boot-before' });
  t.same(await look(), ['failed agent WP4716', 'ok starts']);
  note({}, { hasEnded: true });
  t.same(await look(), ['warning agent WP4716', 'ok starts']);
  mkdirSync(join(root, 'proc/77'));
  symlinkSync(root, join(root, 'proc/77/cwd'));
  const started = (data: string) =>
    writeFileSync(
      join(root, 'proc/77/cmdline'),
      ['node', '/opt/agent/main.ts', '--data', data, ''].join('\0'),
    );
  started('other');
  t.same(await look(), ['warning agent WP4716', 'ok starts']);
  started('data');
  t.same(await look(), ['ok agent', 'ok starts']);
  note({ crashes: 2 });
  t.same(await look(), ['ok agent', 'warning starts WP4717']);
  note({ crashes: 4 }, { mode: 'safe' });
  t.same(await look(), ['ok agent', 'failed starts WP4717']);
  writeFileSync(join(dataDir, 'starts.json'), '{');
  t.same((await look())[1], 'failed starts WP4700');
  t.same(await found(agentCheck, patient({ dataDir: join(root, 'gone') })), ['failed agent WP4727']);
});

/** A device's databases, as its journal makes them; `siteTimeMs` is that of the last receipt. */
function journal(dataDir: string, alarms: number, siteTimeMs: number): void {
  for (const [name, migrations] of [
    ['alarm.db', ALARM_MIGRATIONS],
    ['events.db', EVENT_MIGRATIONS],
  ] as const) {
    const sql = new Sqlite(join(dataDir, name));
    sql.pragma('journal_mode = WAL');
    for (const migrate of migrations) migrate(sql);
    sql
      .prepare("INSERT INTO lanes VALUES (?, 'e', 1, 1, 0, NULL, NULL, ?, NULL)")
      .run(name === 'alarm.db' ? 'alarm' : 'event', siteTimeMs);
    if (name === 'alarm.db') {
      const put = sql.prepare(
        "INSERT INTO records (epoch, seq, id, body, pending) VALUES ('e', ?, ?, '{}', 1)",
      );
      for (let seq = 1; seq <= alarms; seq += 1) put.run(seq, `id-${seq}`);
    }
    sql.close();
  }
}

t.test(
  'alarms that wait, a clock behind the receipts and a damaged journal are found, and no file is left',
  async (t) => {
    t.testdir();
    const root = systemTree(join(t.testdirName, 'root'));
    const look = (name: string, alarms: number, siteTimeMs: number) => {
      const dataDir = join(t.testdirName, name);
      mkdirSync(dataDir);
      journal(dataDir, alarms, siteTimeMs);
      return found(journalCheck, patient({ machine: machineIn(root), dataDir }));
    };
    t.same(await look('well', 0, NOW_MS - 1), ['ok journal', 'ok queues']);
    t.same(await look('waiting', 2, 0), ['ok journal', 'warning queues WP4718']);
    t.same(await look('many', 1000, 0), ['ok journal', 'failed queues WP4718']);
    t.same((await look('behind', 0, NOW_MS + 3_600_000))[2], 'failed clock of the receipts WP4704');
    t.same((await look('little', 0, NOW_MS + 5_000))[2], 'warning clock of the receipts WP4704');
    const damaged = join(t.testdirName, 'well');
    t.same(readdirSync(damaged).sort(), ['alarm.db', 'events.db']);
    writeFileSync(join(damaged, 'alarm.db'), 'this is no database, and was one before it was written over');
    const who = patient({ machine: machineIn(root), dataDir: damaged });
    t.same(await found(journalCheck, who), ['failed journal WP4719']);
    const bare = join(t.testdirName, 'bare');
    mkdirSync(bare);
    t.same(await found(journalCheck, patient({ machine: machineIn(root), dataDir: bare })), [
      'skipped journal',
    ]);
  },
);
