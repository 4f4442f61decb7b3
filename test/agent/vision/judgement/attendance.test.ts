import t from 'tap';
import { BAG, type Patch, personAt, play, visitor, WIDTH } from '../picture-maker.ts';

t.test('of those who came by and went nothing is kept, however many there were', async (t) => {
  const stepsBehindPillar = (now: number) => (now > 20 && now % 2 < 1 ? [personAt(64 + (now % 1) * 10)] : []);
  const { detector } = play(
    100,
    (now) => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9), ...stepsBehindPillar(now)],
    { dwellS: 10 },
  );
  const attendance = detector.view.tracks.find(({ reportedAs }) => reportedAs !== null)?.attendance;
  t.ok(attendance, 'the bag is still watched');
  const { members, owners, besideSince, aroundSince } = attendance ?? {};
  for (const [name, kept] of Object.entries({ members, owners, besideSince, aroundSince }))
    t.ok((kept?.size ?? 99) <= 6, `${name}: ${kept?.size} of some forty`);
});

/** Of somebody in a coat of the floor's grey, hands and head: they sway a little all the time, and alone pass for things. */
const swaying = (t: number, swayPx: number): Patch[] => [
  { x: 76 + Math.round(swayPx * Math.sin(1.7 * t)), y: 66, w: 6, h: 8, level: 40 },
];

t.test(
  'of whom only pieces are seen that sway is still with it; pieces that keep still are things',
  async (t) => {
    const left = (swayPx: number) =>
      play(40, (now) => [
        ...(now >= 8 ? [BAG, ...swaying(now, swayPx)] : []),
        ...visitor(now, 3, 9),
      ]).detections.filter(({ change }) => change === 'left');
    t.same(left(1.5), [], 'somebody sways beside it');
    t.ok(
      left(0).some(({ box: [x] }) => Math.abs(x - BAG.x / WIDTH) < 0.02),
      'two things that were put down together',
    );
  },
);

t.test('a thing that somebody brushes past after it has kept still is reported all the same', async (t) => {
  const brushed = (now: number): Patch => (now > 20 && now % 2 < 1 ? { ...BAG, x: BAG.x + 1 } : BAG);
  const { detections } = play(40, (now) => [...(now >= 8 ? [brushed(now)] : []), ...visitor(now, 3, 9)], {
    dwellS: 15,
  });
  t.same(
    detections.map(({ change }) => change),
    ['left'],
  );
});
