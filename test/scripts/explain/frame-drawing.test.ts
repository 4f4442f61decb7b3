import t from 'tap';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { Detector } from '#agent/vision/detector.ts';
import { drawingOf } from '#scripts/explain/frame-drawing.ts';
import { HEIGHT, pictureOf, shifted, WIDTH } from '#test/agent/vision/picture-maker.ts';

/** Something that a nudge of the camera moves. */
const FURNITURE = [
  { x: 10, y: 8, w: 30, h: 22, level: 180 },
  { x: 100, y: 10, w: 40, h: 16, level: 60 },
  { x: 126, y: 60, w: 26, h: 10, level: 190 },
  { x: 8, y: 96, w: 24, h: 14, level: 70 },
];
const NUDGE = 5;
const ZONE: Zone = {
  name: 'door & hall',
  kind: 'watch',
  polygon: [
    [0.25, 0.5],
    [0.75, 0.5],
    [0.5, 0.75],
  ],
};

function drawnAfter(seconds: number, nudgedAt: number): string {
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 5, newObjectId: () => 'o' });
  for (let i = 0; i < seconds * 10; i++) {
    const shift = i / 10 < nudgedAt ? 0 : NUDGE;
    detector.push(shifted(pictureOf(FURNITURE, i / 10), [shift, 0]));
  }
  const picture = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT) };
  return drawingOf(picture, detector.view, [ZONE]);
}

t.test('a zone is drawn where it is judged: moved with its place when the camera was nudged', async (t) => {
  const points = 'points="40.0,60.0 120.0,60.0 80.0,90.0"';
  const undisturbed = drawnAfter(14, Number.POSITIVE_INFINITY);
  t.match(undisturbed, `translate(0.0 0.0)`);
  t.match(undisturbed, points);
  t.match(undisturbed, 'door &amp; hall');
  const [, dx = ''] = /translate\(([\d.-]+) [\d.-]+\)/.exec(drawnAfter(20, 12)) ?? [];
  t.ok(Math.abs(Number(dx) - NUDGE) < 0.5, `moved by ${dx}`);
});
