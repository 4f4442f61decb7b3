import { readdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EvidenceRetention } from '#agent/behaviours/detection/evidence-retention.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const NOW = Date.UTC(2026, 5, 15);
const DAY_MS = 86_400_000;
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => log,
};

function put(folder: string, name: string, atMs: number): void {
  writeFileSync(join(folder, name), 'x');
  utimesSync(join(folder, name), atMs / 1000, atMs / 1000);
}

t.test('pictures go when their days are over, other files stay', async (t) => {
  const folder = t.testdir();
  put(folder, 'old.png', NOW - 8 * DAY_MS);
  put(folder, '.half.png.part', NOW - 8 * DAY_MS);
  put(folder, 'young.png', NOW - 6 * DAY_MS);
  put(folder, 'notes.txt', NOW - 80 * DAY_MS);
  const retention = new EvidenceRetention({ folder, days: 7, clock: new ManualClock(NOW), log });
  await retention.sweep();
  t.same(readdirSync(folder).sort(), ['notes.txt', 'young.png']);
});

t.test('a picture dated by a clock that was not set counts from when the clock is', async (t) => {
  const folder = t.testdir();
  put(folder, 'dated-1970.png', 60_000);
  const clock = new ManualClock(120_000);
  const retention = new EvidenceRetention({ folder, days: 7, clock, log });
  await retention.sweep();
  clock.setWall(NOW);
  await retention.sweep();
  t.same(readdirSync(folder), ['dated-1970.png']);
  t.equal(statSync(join(folder, 'dated-1970.png')).mtimeMs, NOW);
  clock.setWall(NOW + 8 * DAY_MS);
  await retention.sweep();
  t.same(readdirSync(folder), []);
});

t.test('it sweeps by itself every hour until closed', async (t) => {
  const folder = t.testdir();
  const clock = new ManualClock(NOW);
  const retention = new EvidenceRetention({ folder, days: 1, clock, log });
  retention.start();
  put(folder, 'a.png', NOW - DAY_MS + 1000);
  await clock.advance(3_600_000);
  await retention.close();
  t.same(readdirSync(folder), []);
  t.equal(clock.pending, 0);
});

t.test('no folder yet is no trouble', async (t) => {
  const folder = join(t.testdir(), 'none');
  await new EvidenceRetention({ folder, days: 1, clock: new ManualClock(NOW), log }).sweep();
  t.pass();
});

t.test('a file that is renamed while the folder is read keeps nothing else from being swept', async (t) => {
  const folder = t.testdir();
  symlinkSync(join(folder, 'nowhere'), join(folder, '.a-film.webm.part'));
  put(folder, 'old.png', NOW - 9 * DAY_MS);
  await new EvidenceRetention({ folder, days: 7, clock: new ManualClock(NOW), log }).sweep();
  t.same(readdirSync(folder), ['.a-film.webm.part']);
});

t.test('pictures of a report that a killed process never sent go like all others', async (t) => {
  const folder = t.testdir();
  const names = ['', '-now', '-put-down'].map(
    (what) => `019b76da-a800-7685-94d2-d7dbd3397b80${what}-3f9a01bc.png`,
  );
  for (const name of names) put(folder, name, NOW - 9 * DAY_MS);
  await new EvidenceRetention({ folder, days: 7, clock: new ManualClock(NOW), log }).sweep();
  t.same(readdirSync(folder), []);
});

t.test('films have days of their own', async (t) => {
  const folder = t.testdir();
  for (const name of ['a.png', 'a-film.webm', '.b-film.webm.part']) put(folder, name, NOW - 4 * DAY_MS);
  put(folder, 'young-film.webm', NOW - DAY_MS);
  await new EvidenceRetention({ folder, days: 7, clipDays: 3, clock: new ManualClock(NOW), log }).sweep();
  t.same(readdirSync(folder).sort(), ['a.png', 'young-film.webm']);
});

t.test('what is too large together goes by age, however young, and whatever the clock says', async (t) => {
  for (const now of [NOW, 120_000]) {
    const folder = t.testdir();
    for (const [age, name] of ['new.webm', 'middle.png', 'old.webm'].entries()) {
      put(folder, name, now - age * 1000);
      truncateSync(join(folder, name), 300 * 1024 * 1024);
      utimesSync(join(folder, name), (now - age * 1000) / 1000, (now - age * 1000) / 1000);
    }
    await new EvidenceRetention({ folder, days: 7, clock: new ManualClock(now), log }).sweep();
    t.same(readdirSync(folder), ['new.webm'], 'two of 300 MiB are more than 512');
  }
});
