import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { inBenchFolder } from '#scripts/bench/folder.ts';
import { HurriedJournal } from '#scripts/bench/wear-day.ts';
import { requireCounted, WearMeter } from '#scripts/bench/wear-meter.ts';
import { sumOf, wearRow } from '#scripts/bench/wear-row.ts';

const MEMORY = '/dev/shm';

const noMemory = existsSync(MEMORY) ? false : `there is no ${MEMORY}`;

t.test('a folder in memory is refused: nothing would be counted there', { skip: noMemory }, async (t) => {
  const dir = mkdtempSync(join(MEMORY, 'watchpost-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  t.throws(() => requireCounted(dir), { code: 'WP5095' });
});

t.test('hours of received samples write a fraction of what the same without a link does', async (t) => {
  await inBenchFolder(async (dir) => {
    requireCounted(dir);
    const meter = new WearMeter(null, () => [process.pid]);
    const journal = new HurriedJournal(join(dir, 'journal'));
    journal.start();
    const written = (link: 'up' | 'down') => {
      meter.begin();
      journal.run({ hours: 2, everyS: 5, link });
      return meter.end().bytes;
    };
    const [up, down] = [written('up'), written('down')];
    journal.close();
    t.ok(up > 0, 'promises of numbers are written, and seen');
    t.ok(up * 10 < down, `${up} bytes with a link, ${down} without`);
  });
});

t.test(
  'what something comes to in a day follows from what it wrote each time and how often it comes',
  async (t) => {
    const card = { bytes: 40_960, flushes: 6 };
    const press = wearRow(
      { what: 'press', part: 'work', timesADay: 10, measured: 2 },
      { bytes: 20_480, card },
    );
    t.match(press, { kib: 10, cardKib: 20, flushes: 3, mbADay: 0.102, cardMbADay: 0.205 });
    const quarter = wearRow(
      { what: 'a day', part: 'rest', timesADay: 1, measured: 0.25 },
      { bytes: 500_000, card },
    );
    t.match(quarter, { mbADay: 2, cardMbADay: 0.164 });
    t.same(sumOf([press, quarter], ['rest']), { mbADay: 2, cardMbADay: 0.16, flushesADay: 24 });
    t.same(sumOf([press, quarter], ['rest', 'work']), { mbADay: 2.1, cardMbADay: 0.37, flushesADay: 54 });
  },
);

t.test('without a card of its own nothing is said of cards', async (t) => {
  const row = wearRow(
    { what: 'press', part: 'rest', timesADay: 1, measured: 1 },
    { bytes: 4096, card: null },
  );
  t.match(sumOf([row], ['rest']), { mbADay: 0, cardMbADay: null, flushesADay: null });
});
