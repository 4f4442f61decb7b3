import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import t, { type Test } from 'tap';
import { openOpenCv } from '#scripts/bench/opencv.ts';

const skipped = (t: Test) =>
  t.pass('', { skip: 'no Python here has OpenCV: apt-get install python3-opencv' });
const kept = () => readdirSync(tmpdir()).filter((name) => name.startsWith('watchpost-opencv-'));
const frame = { width: 64, height: 48, t: 0, data: new Uint8Array(64 * 48).fill(90) };

t.test('OpenCV judges the pictures it is given, and none of them stays behind', async (t) => {
  const before = kept();
  const openCv = await openOpenCv([frame, frame]);
  if (openCv === null) return skipped(t);
  t.ok((await openCv.run('one')) > 0);
  t.ok((await openCv.run('dual')) > 0);
  await openCv.close();
  t.same(kept(), before);
});

t.test('one that fails is told with its code, and none of its pictures stays behind either', async (t) => {
  const before = kept();
  const whole = await openOpenCv([frame]);
  if (whole === null) return skipped(t);
  await whole.close();
  const opening = openOpenCv([{ ...frame, data: frame.data.subarray(1) }]);
  await t.rejects(opening, { code: 'WP5051' });
  t.same(kept(), before);
});
