import t from 'tap';
import { Detector } from '#agent/vision/detector.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { BAG, HEIGHT, pictureOf, visitor, WIDTH } from '../picture-maker.ts';

t.test('what is put down where nothing is watched becomes part of the scene in time', async (t) => {
  const detector = new Detector({
    width: WIDTH,
    height: HEIGHT,
    dwellS: 5,
    zones: [
      {
        name: 'store',
        kind: 'ignore',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      },
    ],
    settings: { ...DEFAULT_SETTINGS, fixtureAfterS: 40 },
    newObjectId: () => 'object',
  });
  const told: string[] = [];
  let tracksAt40 = 0;
  for (let index = 0; index < 700; index++) {
    const now = index / 10;
    const patches = [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];
    told.push(...detector.push(pictureOf(patches, now)).map(({ change }) => change));
    if (index === 400) tracksAt40 = detector.view.tracks.length;
  }
  t.same(told, []);
  t.equal(tracksAt40, 1);
  t.equal(detector.view.tracks.length, 0, 'else a hundred of them would leave no room for others');
  t.equal(detector.background.foregroundCount, 0);
});
