import t from 'tap';
import { LEVEL } from '#agent/vision/background/kernel/steps.ts';
import { EdgePoints } from '#agent/vision/stabilisation/edge-points.ts';

for (const [width, height] of [
  [160, 90],
  [320, 240],
  [320, 568],
  [640, 360],
] as const) {
  t.test(`edges are held on to in all of a picture of ${width}×${height}`, async (t) => {
    const points = new EdgePoints(width, height);
    points.pick(Int16Array.from({ length: width * height }, (_, i) => ((i * 7919) % 97) * LEVEL));
    const share = (of: Int16Array, size: number, from: number) =>
      of.subarray(0, points.count).filter((at) => at >= from * size && at < (from + 0.25) * size).length /
      points.count;
    for (const from of [0, 0.25, 0.5, 0.75]) {
      t.ok(share(points.x, width, from) > 0.18, `across from ${from}: ${share(points.x, width, from)}`);
      t.ok(share(points.y, height, from) > 0.18, `down from ${from}: ${share(points.y, height, from)}`);
    }
  });
}
