import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { askConsent } from '#scripts/flash/consent.ts';
import { TargetLock } from '#scripts/flash/lock.ts';
import { Meter, progressLine } from '#scripts/flash/progress.ts';
import { folder, TestBundles, watchpost } from './kit.ts';

t.test(
  'two technicians at one target: the second is told who has it and since when, until the first is done',
  async (t) => {
    const dir = folder(t);
    const bundles = new TestBundles(dir);
    const card = await bundles.card('card');
    const bundle = bundles.file('1.wpb', 1, 1000);
    const lock = TargetLock.take(card);
    t.teardown(() => lock.release());
    const { code, err } = await watchpost(['flash', bundle, '--to', card, '--yes']);
    t.equal(code, 1);
    t.match(
      err,
      new RegExp(
        `WP4308.*\\(.+ on .+, process ${process.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\)`,
      ),
    );
    t.match(
      await watchpost(['flash', bundle, '--to', join(card, '../card/'), '--dry-run']),
      { code: 1, err: /WP4308/ },
      'by whatever name',
    );
    lock.release();
    t.match(await watchpost(['flash', bundle, '--to', card, '--yes']), { code: 0 });
  },
);

t.test('a technician’s laptop that dies leaves no lock behind', async (t) => {
  const dir = folder(t);
  const program = `import { TargetLock } from '${join(import.meta.dirname, '../../../scripts/flash/lock.ts')}';
    TargetLock.take('somewhere', ${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: join(import.meta.dirname, '../../..'),
  });
  await once(createInterface({ input: child.stdout }), 'line');
  t.throws(() => TargetLock.take('somewhere', dir), { code: 'WP4308' });
  TargetLock.take('elsewhere', dir).release();
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  TargetLock.take('somewhere', dir).release();
});

/** A person at a terminal who types this. */
function typing(keys: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  output.resume();
  setImmediate(() => input.write(keys));
  return { input, output };
}

t.test('only a yes is a yes', async (t) => {
  await askConsent('Write?', typing('y'));
  await t.rejects(askConsent('Write?', typing('n')), { code: 'WP4304' });
  await t.rejects(askConsent('Write?', typing('\r')), { code: 'WP4304' }, 'Enter alone');
  await t.rejects(askConsent('Write?', typing('\u0003')), { code: 'WP4304' }, 'Ctrl-C');
  const leaving = typing('');
  setImmediate(() => leaving.input.end());
  await t.rejects(askConsent('Write?', leaving), { code: 'WP4304' }, 'a terminal that was closed');
  const nobody = { input: new PassThrough(), output: new PassThrough() };
  await t.rejects(askConsent('Write?', nobody), { code: 'WP4303' });
});

t.test('progress says how far, how fast and how long still: a line a second, and the last one', async (t) => {
  t.equal(progressLine(4_000_000, 10_000_000, 2_000), '4.0 MB of 10.0 MB (40 %), 2.0 MB/s, 3 s left');
  t.equal(progressLine(0, 10, 0), '0 bytes of 10 bytes (0 %)');
  const stream = new PassThrough();
  let nowMs = 0;
  const meter = new Meter(1_000, { stream, kind: 'lines', now: () => nowMs });
  for (let done = 0; done <= 1_000; done += 10) {
    meter.tell(done);
    nowMs += 30;
  }
  meter.end();
  const lines = String(stream.read()).trim().split('\n');
  t.equal(lines.length, 4, lines.join('\n'));
  t.match(lines.at(-1), /1\.0 kB of 1\.0 kB \(100 %\)/);
});

t.test(
  'a link in the place of the lock is not followed: nothing is emptied, nobody gets rights to it',
  (t) => {
    const dir = folder(t);
    const victim = join(dir, 'shadow');
    writeFileSync(victim, 'of root', { mode: 0o600 });
    const name = createHash('sha256').update('/media/card').digest('hex').slice(0, 16);
    symlinkSync(victim, join(dir, `watchpost-flash-${name}.lock`));
    t.throws(() => TargetLock.take('/media/card', dir), { code: 'ELOOP' });
    t.equal(readFileSync(victim, 'utf8'), 'of root');
    t.end();
  },
);
