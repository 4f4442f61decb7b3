import { mkdtempSync, rmSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import t, { type Test } from 'tap';
import { isMemoryBacked } from '#agent/ports/memory-backed.ts';
import { IMPAIRMENTS, Watches, type WatchReport } from '#agent/ports/vision-watches.ts';
import { Camera } from '#agent/vision/camera.ts';
import { SceneFile } from '#agent/vision/memory/scene-file.ts';
import { isDetectorMemory } from '#agent/vision/memory/shape.ts';
import { type ImpairmentMemory, Impairments } from '#agent/vision/watches/impairment/impairments.ts';
import { blurred, type Canvas, frameOf, type Light, randomFrom, room } from './hall.ts';

const HALL = room(3);
const BLURRED = blurred(HALL, 4);
const ELSEWHERE = room(5);
const SOUND_S = 16;

/** What is said between two times of the stream, at a picture a second. */
function look(faults: Impairments, fromS: number, untilS: number, shot: Canvas, light: Light = {}): string[] {
  const reports: WatchReport[] = [];
  for (let now = fromS; now < untilS; now++) reports.push(...faults.look(frameOf(shot, now, light)));
  return reports.map(wordsOf);
}

const wordsOf = (report: WatchReport): string => `${report.name} ${report.state}`;

const kept = (faults: Impairments): ImpairmentMemory => {
  const memory = faults.save();
  if (memory === null) throw new Error('nothing is kept');
  return deserialize(serialize(memory));
};

for (const [fault, shot] of [
  ['defocused', BLURRED],
  ['turned', ELSEWHERE],
] as const) {
  t.test(`a camera that was ${fault} before a restart is so still, and is told when it is not`, async (t) => {
    const before = new Impairments(IMPAIRMENTS);
    look(before, 0, SOUND_S, HALL);
    t.same(look(before, SOUND_S, 30, shot), [`${fault} began`]);
    const after = new Impairments(IMPAIRMENTS);
    after.restore(kept(before));
    const during = look(after, 32, 50, shot).filter((words) => words.startsWith(fault));
    t.same(during, [], 'neither told twice nor ended');
    const ended = look(after, 50, 70, HALL).filter((words) => words.startsWith(fault));
    t.same(ended, [`${fault} ended`]);
  });

  t.test(`a camera that became ${fault} over a restart is told`, async (t) => {
    const before = new Impairments(IMPAIRMENTS);
    look(before, 0, SOUND_S, HALL);
    const after = new Impairments(IMPAIRMENTS);
    after.restore(kept(before));
    t.ok(look(after, 18, 30, shot).includes(`${fault} began`));
  });
}

t.test('without a memory a blurred view is not taken for one in focus, a sharp one is, once', async (t) => {
  for (const light of [{}, { noise: 3 }, { gain: 0.5 }]) {
    const faults = new Impairments(['defocused']);
    t.same(look(faults, 0, 25, BLURRED, light), [], JSON.stringify(light));
    t.same(look(faults, 25, 35, HALL, light), ['defocused ended'], JSON.stringify(light));
    t.same(look(faults, 35, 45, HALL, light), []);
  }
  t.same(
    look(new Impairments(['defocused']), 0, 25, BLURRED, { noise: 3, gain: 0.3 }),
    [],
    'noise is no detail',
  );
});

t.test('a view that is blurred a little and without any noise is told by what detail it lacks', async (t) => {
  for (const sigma of [2, 2.5, 3])
    t.same(
      look(new Impairments(['defocused']), 0, 25, blurred(HALL, sigma), { noise: 0 }),
      [],
      `${sigma} px`,
    );
});

t.test('a caption over a blurred view is not what is in focus', async (t) => {
  const random = randomFrom(1);
  const captioned = BLURRED.slice();
  for (let i = 0; i < 320 * 14; i++) if (random() < 0.3) captioned[i] = 250;
  t.same(look(new Impairments(['defocused']), 0, 25, captioned), []);
});

t.test('what is kept of another size is not used', async (t) => {
  const before = new Impairments(IMPAIRMENTS);
  look(before, 0, SOUND_S, HALL);
  const after = new Impairments(IMPAIRMENTS);
  after.restore({ ...kept(before), width: 160, height: 120 });
  t.same(
    look(after, 18, 40, ELSEWHERE).filter((words) => words.startsWith('turned')),
    [],
  );
});

t.test('where nothing is looked for, nothing is kept', async (t) => {
  const faults = new Impairments([]);
  look(faults, 0, 2, HALL);
  t.equal(faults.save(), null);
});

const skip = isMemoryBacked('/dev/shm') ? false : 'no memory-backed /dev/shm on this machine';

function cameraOf(t: Test): Camera {
  const watches = Watches.parse({ impairment: ['turned'] });
  return new Camera({ dwellS: 60, evidenceDir: t.testdir(), newObjectId: () => 'o', watches });
}

t.test(
  'it goes through the file of the scene, and a process that ends in between is no difference',
  { skip },
  async (t) => {
    const folder = mkdtempSync('/dev/shm/watchpost-test-');
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const file = new SceneFile({ folder, bootId: 'boot-1', sinceBootMs: () => 0 });
    const before = cameraOf(t);
    for (let now = 0; now < 40; now += 0.5) before.judge(frameOf(now < SOUND_S ? HALL : ELSEWHERE, now));
    t.same(before.takeWatched().map(wordsOf), ['turned began']);
    const memory = before.save();
    if (memory === null) return t.fail('there is a scene');
    file.write(memory, 'camera');
    const read = file.read('camera');
    if (read === null) return t.fail('it must be there');
    const after = cameraOf(t);
    after.restore(read.memory, 1);
    for (let now = 41; now < 60; now += 0.5) after.judge(frameOf(HALL, now));
    t.same(after.takeWatched().map(wordsOf), ['turned ended']);
    t.ok(isDetectorMemory(deserialize(serialize(memory))));
    const { impairments } = memory;
    if (impairments === undefined) return t.fail('it must be kept');
    const cut = {
      ...impairments,
      home: { ...impairments.home, edges: { columns: 9, rows: 9, data: new Float32Array(80) } },
    };
    t.notOk(isDetectorMemory({ ...memory, impairments: cut }), 'a plane that is not full is refused');
  },
);
