import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { Detector } from '#agent/vision/detector.ts';
import { Explanation } from '#scripts/explain/explanation.ts';
import { scorePlot } from '#scripts/explain/score-plot.ts';
import { TrackRecords } from '#scripts/explain/track-record.ts';
import { BAG, HEIGHT, personAt, pictureOf, visitor, WIDTH } from '#test/agent/vision/picture-maker.ts';

t.test('a folder shows each change, the scores and the measurements, and nobody', async (t) => {
  const folder = join(t.testdir(), 'why');
  const explanation = new Explanation({
    folder,
    zones: [
      {
        name: 'hall',
        kind: 'watch',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    ],
  });
  await explanation.start();
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 5, newObjectId: () => 'o1' });
  for (let index = 0; index < 220; index++) {
    const at = index / 10;
    const frame = pictureOf([...(at >= 8 ? [BAG] : []), ...visitor(at, 3, 9)], at);
    detector.push(frame);
    await explanation.take(detector.view, frame);
  }
  await explanation.finish();
  const files = readdirSync(folder);
  const frames = files.filter((file) => /^frame-[\d.]+\.svg$/.test(file));
  t.ok(frames.length > 5, `${frames.length} pictures`);
  const drawings = frames.map((file) => readFileSync(join(folder, file), 'utf8'));
  for (const shown of [
    /#2f9e44[^>]*><\/?[^>]*>\d+</,
    /\d alone, \d.* s left/,
    /\d reported/,
    />p\d+</,
    /hall/,
    /<line/,
  ]) {
    t.ok(
      drawings.some((drawing) => shown.test(drawing)),
      String(shown),
    );
  }
  for (const drawing of drawings) {
    const [, png = ''] = /base64,([^"]+)/.exec(drawing) ?? [];
    const { data } = decode(Buffer.from(png, 'base64'));
    if (data.includes(personAt(0).level)) t.fail('a pixel of the visitor is left');
  }
  t.match(readFileSync(join(folder, 'scores.svg'), 'utf8'), /<svg[\s\S]*dwell clock/);
  const { tracks } = JSON.parse(readFileSync(join(folder, 'tracks.json'), 'utf8'));
  t.match(
    tracks.find(({ reportedAs }: { reportedAs: string | null }) => reportedAs === 'o1'),
    { last: { measurements: { dwellS: Number } }, phases: Array },
  );
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  for (const file of frames) if (!page.includes(file)) t.fail(`${file} is not on the page`);
  const [, file = ''] = /<li><a href="#(frame-[\d.]+\.svg)">[\d.]+ s: thing \d+</.exec(page) ?? [];
  t.match(
    readFileSync(join(folder, file), 'utf8'),
    /\d reported/,
    'the page leads to the picture of the report',
  );
});

t.test('in the plot what was reported comes first, whatever its number', async (t) => {
  const records = new TrackRecords();
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 5, newObjectId: () => 'o1' });
  for (let index = 0; index < 220; index++) {
    const at = index / 10;
    detector.push(pictureOf([...(at >= 8 ? [BAG] : []), ...visitor(at, 3, 9)], at));
    records.take(detector.view);
  }
  const bag = [...records.records.values()].find(({ reportedAs }) => reportedAs === 'o1');
  if (bag === undefined) return t.fail('the bag is reported');
  const others = [1, 20].map((id) => ({ ...bag, id, reportedAs: null }));
  const plot = await scorePlot([...others, { ...bag, id: 3 }]);
  const rows = [...plot.matchAll(/>(\d+(?: \(reported\))?)<\/text>/g)].map(([, title]) => title);
  t.same(
    rows.filter((title) => title === '3 (reported)' || title === '1'),
    ['3 (reported)', '1'],
  );
});

t.test('a folder that holds something, or cannot be made, is told with its code', async (t) => {
  const folder = t.testdir({ notes: 'mine' });
  await t.rejects(new Explanation({ folder, zones: [] }).start(), { code: 'WP5058' });
  await t.rejects(new Explanation({ folder: join(folder, 'notes'), zones: [] }).start(), { code: 'WP5059' });
  await t.rejects(new Explanation({ folder: join(folder, 'a', 'b'), zones: [] }).start(), { code: 'WP5059' });
  t.same(readdirSync(folder), ['notes']);
});
