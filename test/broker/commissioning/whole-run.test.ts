import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CertificateFile } from '#contract/commission/certificate.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { TestSite } from '#test/support/site.ts';
import { gpsdAt, startPillar } from './profile.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (file: string, args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { cwd: ROOT, timeout: 180_000, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(file, args, options, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
const watchpost = (...args: readonly string[]) =>
  run(process.execPath, [join(ROOT, 'scripts/cli.ts'), ...args]);

t.test('a simulated pillar is accepted without a hand, and its certificate holds', async (t) => {
  const site = await TestSite.make(t);
  await startPillar(site, 'camera', await gpsdAt(t, '31.2305'));
  const to = join(site.dir, 'certificates');
  const wanted = ['--site', site.dir, '--sim', site.folder('pillar-001'), '--by', 'Mei Lin', '--to', to];
  const ended = await watchpost('commission', 'pillar-001', ...wanted, '--language', 'zh-CN');
  t.equal(ended.code, 0, ended.err + ended.out);
  t.match(ended.out, /测试模式/, 'it is said loudly at the beginning');
  t.match(ended.out, /测试模式已结束/, 'and at the end');
  const name = readdirSync(to).find((file) => file.endsWith('.json')) ?? '';
  const file = join(to, name);
  const { certificate } = CertificateFile.parse(JSON.parse(readFileSync(file, 'utf8')));

  t.equal(certificate.result, 'passed');
  t.strictSame(
    certificate.steps.map(({ id }) => id),
    [
      ...['identity', 'clock', 'selftest', 'press:button', 'lamp', 'tamper:tamper', 'siren', 'voice:en'],
      ...[
        'picture:front',
        'sensor:battery',
        'sensor:from-place',
        'mains:battery',
        'path',
        'link',
        'supervision',
      ],
      'location',
    ],
  );
  const measured = new Map(
    certificate.steps.map(({ id, measured }) => [id, measured.map((each) => each.name)]),
  );
  t.strictSame(measured.get('press:button'), ['pressToLedger']);
  t.strictSame(measured.get('path'), ['sent', 'received']);
  t.strictSame(measured.get('link'), [
    'offline',
    'linkToDelivered',
    'connectedToDelivered',
    'pressToDelivered',
  ]);
  const found = certificate.steps.find(({ id }) => id === 'location')?.measured[0];
  t.match(found, { name: 'receiver', value: 11, unit: 'm' }, 'a ten-thousandth of a degree of latitude');
  t.strictSame(measured.get('supervision'), ['silentUntilMissed']);
  t.equal(certificate.finishedBy.name, 'Mei Lin');
  t.equal(certificate.serials.certificate, '4e10');

  await t.test('every alarm of it was a test, nobody was called, and nothing is left open', async (t) => {
    const alarms = ['wp.panic.pressed.v1', 'wp.tamper.opened.v1', 'wp.supervision.lost.v1'];
    for (const type of alarms) {
      const events = await site.events(type);
      t.ok(events.length > 0, type);
      t.ok(
        events.every(({ wptest }) => wptest === true),
        type,
      );
    }
    const proofs = certificate.steps.flatMap((step) => step.events);
    const press = await site.events('wp.panic.pressed.v1');
    t.ok(
      press.every(({ id }) => proofs.includes(id)),
      'the certificate names the events',
    );
    const incidents = await site.incidents();
    t.ok(incidents.every(({ test, escalations }) => test && escalations.length === 0));
    t.ok(incidents.every(({ state }) => state === 'resolved' || state === 'reviewed'));
  });

  await t.test('from then on a press is a real one', async (t) => {
    const id = await site.press();
    const [event] = (await site.events('wp.panic.pressed.v1')).filter((each) => each.id === id);
    t.equal(event?.wptest, undefined);
  });

  await t.test('it is verified offline, and a changed one is not', async (t) => {
    await site.broker.kill();
    const verified = await watchpost(
      'commission',
      'verify',
      file,
      '--site',
      site.dir,
      '--device',
      'pillar-001',
    );
    t.equal(verified.code, 0, verified.err);
    t.match(verified.out, /^ok: demo\.pillar-001, PASSED\n {2}SIMULATED HARDWARE/);
    const other = await watchpost('commission', 'verify', file, '--key', 'ab'.repeat(32));
    t.equal(other.code, 1);
    t.match(other.err, /WP4519/);
  });

  await t.test('the paper says the same, in the language that was asked for, with the picture', async (t) => {
    const pdf = file.replace(/json$/, 'pdf');
    const { out } = await run('pdftotext', ['-layout', pdf, '-']);
    for (const text of [
      '验收证书',
      'pillar-001',
      '滨江路 3 号, bus stop',
      '报警按钮',
      'Mei Lin',
      name,
      '第 1 页，共',
    ]) {
      t.ok(out.includes(text), text);
    }
    const images = await run('pdfimages', ['-list', pdf]);
    t.match(images.out, /\bimage\b/);
    const [picture] = readdirSync(join(to, 'pictures'));
    t.match(picture, /\.png$/);
  });
});
