import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { Detector } from '#agent/vision/detector.ts';
import { Explanation } from '#scripts/explain/explanation.ts';
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
  for (const word of ['attended', 'unattended', 's left', 'reported', 'somebody', 'hall', '<line']) {
    t.ok(
      drawings.some((drawing) => drawing.includes(word)),
      word,
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
});

t.test('a folder that holds something, or cannot be made, is told with its code', async (t) => {
  const folder = t.testdir({ notes: 'mine' });
  await t.rejects(new Explanation({ folder, zones: [] }).start(), { code: 'WP5058' });
  await t.rejects(new Explanation({ folder: join(folder, 'notes'), zones: [] }).start(), { code: 'WP5059' });
  await t.rejects(new Explanation({ folder: join(folder, 'a', 'b'), zones: [] }).start(), { code: 'WP5059' });
  t.same(readdirSync(folder), ['notes']);
});
