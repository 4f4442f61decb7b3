import t from 'tap';
import { BAG, play, visitor } from '../picture-maker.ts';

const FURNITURE = [
  { x: 10, y: 8, w: 30, h: 22, level: 180 },
  { x: 100, y: 10, w: 40, h: 16, level: 60 },
  { x: 126, y: 60, w: 26, h: 10, level: 190 },
  { x: 8, y: 96, w: 24, h: 14, level: 70 },
];
/** Put down at 8 s, left alone at 9 s. */
const scene = (now: number) => [...FURNITURE, ...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];
const DWELL_S = 10;

/** What is reported of the bag where nothing else happens. */
const [plain] = play(34, scene, { dwellS: DWELL_S }).detections;

t.test('a nudge for good while a bag is timed neither starts its clock anew nor adds an event', async (t) => {
  const { detections } = play(34, scene, {
    dwellS: DWELL_S,
    shiftAt: (now) => (now > 15 ? [3, 1.5] : [0, 0]),
  });
  t.match(detections, [{ change: 'left', since: plain?.since }]);
  t.equal(detections.length, 1);
  t.ok((detections[0]?.t ?? 99) - (plain?.t ?? 0) < 3, `reported at ${detections[0]?.t}, else ${plain?.t}`);
});

t.test('lamps switched down by a third while a bag is timed change nothing', async (t) => {
  const { detections } = play(34, scene, { dwellS: DWELL_S, gainAt: (now) => (now > 15 ? 0.7 : 1) });
  t.match(detections, [{ change: 'left', since: plain?.since }]);
  t.equal(detections.length, 1);
  t.ok((detections[0]?.t ?? 99) - (plain?.t ?? 0) < 3, `reported at ${detections[0]?.t}, else ${plain?.t}`);
});

t.test('a mount that gives way little by little takes what was reported along', async (t) => {
  const creeping = (now: number) => Math.max(0, Math.floor((now - 24) / 5)) * 0.8;
  const { detections, detector } = play(115, scene, {
    dwellS: DWELL_S,
    shiftAt: (now) => [creeping(now), 0],
  });
  t.match(detections, [{ change: 'left' }], 'once, and it is neither gone nor another one');
  t.equal(detections.length, 1);
  const left = detector.view.tracks.find(({ reportedAs }) => reportedAs !== null)?.component.rect.left ?? 0;
  t.ok(Math.abs(left - BAG.x - creeping(115)) <= 2, `at ${left}, moved by ${creeping(115)}`);
});
