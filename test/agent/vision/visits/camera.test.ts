import t from 'tap';
import { Camera, type Sighted } from '#agent/vision/camera.ts';
import { BAG, type Patch, personAt, pictureOf, visitor, WIDTH } from '../picture-maker.ts';

const camera = (mobile: boolean, evidenceDir: string) => {
  let id = 0;
  return new Camera({
    dwellS: 5,
    evidenceDir,
    newObjectId: () => `object-${++id}`,
    mobile: mobile ? { places: null, wallMs: () => 0 } : undefined,
  });
};

/** Pictures at ten a second, from 0 s. */
function show(seeing: Camera, from: number, to: number, scene: (now: number) => readonly Patch[]): Sighted[] {
  const found: Sighted[] = [];
  for (let index = Math.round(from * 10); index < to * 10; index++) {
    const now = index / 10;
    found.push(...seeing.judge(pictureOf(scene(now), now)));
  }
  return found;
}

const bagScene = (now: number): Patch[] => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];

t.test('a camera on a robot judges nothing before it is told that the robot stands', async (t) => {
  const seeing = camera(true, t.testdir());
  t.same(show(seeing, 0, 40, bagScene), []);
  const fixed = show(camera(false, t.testdir()), 0, 40, bagScene);
  t.equal(fixed.length, 1, 'a fixed one does');
});

t.test('parked, it finds what is left while it stands', async (t) => {
  const seeing = camera(true, t.testdir());
  seeing.setPose({ still: true });
  const found = show(seeing, 0, 40, bagScene);
  t.match(found, [{ detection: { change: 'left' } }]);
  t.equal(found.length, 1);
});

t.test('setting off again ends the judging, and the next stop begins with nothing known', async (t) => {
  const seeing = camera(true, t.testdir());
  seeing.setPose({ still: true });
  show(seeing, 0, 10, bagScene);
  seeing.setPose({ still: false });
  t.same(show(seeing, 10, 12, bagScene), []);
  seeing.setPose({ still: true });
  t.same(show(seeing, 12, 40, bagScene), [], 'the bag stood there when it stopped');
});

t.test('a picture taken on the move hides everything, the parked one what moves', async (t) => {
  const seeing = camera(true, t.testdir());
  const person = (now: number) => [personAt(-16 + ((now * 30) % (WIDTH + 16)))];
  show(seeing, 0, 6, person);
  const moving = seeing.snapshot()?.data ?? new Uint8Array();
  t.ok(moving.length > 0);
  const levels = new Set(moving);
  t.ok(levels.size < 40, `one level a block, ${levels.size} of them`);
  t.notOk(levels.has(personAt(0).level), 'nothing of the person');
  seeing.setPose({ still: true });
  show(seeing, 6, 30, () => []);
  t.ok(new Set(seeing.snapshot()?.data).size < 20, 'nobody there: as it is');
});
