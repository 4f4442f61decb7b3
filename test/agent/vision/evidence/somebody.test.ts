import t from 'tap';
import { Detector } from '#agent/vision/detector.ts';
import { Evidence } from '#agent/vision/evidence/evidence.ts';
import { BAG, HEIGHT, pictureOf, visitor, WIDTH } from '../picture-maker.ts';

/** Plays a bag that is left; `personScore` is what its report says. Answers the pixels shown of it at the end. */
function shownOfThing(personScore: number): number {
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 10, newObjectId: () => 'object-1' });
  const evidence = new Evidence({ clip: undefined });
  for (let i = 0; i < 300; i++) {
    const now = i / 10;
    const frame = pictureOf([...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)], now);
    const found = detector.push(frame);
    evidence.look(detector.view, frame);
    for (const each of found) {
      const { measurements } = each;
      if (measurements === undefined) continue;
      evidence.strip(detector.view, frame, { ...each, measurements: { ...measurements, personScore } });
    }
  }
  return evidence.scene(detector.view)?.data.filter((level) => level === BAG.level).length ?? -1;
}

t.test('the pixels of what may be somebody are not taken again after it was reported', async (t) => {
  t.ok(shownOfThing(0.1) > 50, 'of a thing they are shown: the check can fail');
  t.equal(shownOfThing(0.9), 0);
});
