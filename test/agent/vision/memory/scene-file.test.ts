import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isMemoryBacked, memoryBackedFolder, memoryBackedPlaces } from '#agent/ports/memory-backed.ts';
import { Detector } from '#agent/vision/detector.ts';
import type { DetectorMemory } from '#agent/vision/detector-memory.ts';
import { SceneFile } from '#agent/vision/memory/scene-file.ts';
import { seeded } from '#test/support/random.ts';
import { BAG, pictureOf, visitor } from '../picture-maker.ts';

const skip = isMemoryBacked('/dev/shm') ? false : 'no memory-backed /dev/shm on this machine';

function shmFolder(t: Test): string {
  const folder = mkdtempSync('/dev/shm/watchpost-test-');
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a detector knows after a bag was put down. */
function memoryOf(): DetectorMemory {
  const detector = new Detector({ width: 160, height: 120, dwellS: 5, newObjectId: () => 'one' });
  for (let index = 0; index < 130; index++) {
    const now = index / 10;
    detector.push(pictureOf([...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)], now));
  }
  const memory = detector.save();
  if (memory === null) throw new Error('it must know something');
  return memory;
}

const known = memoryOf();

function fileIn(folder: string, more: { bootId?: string; nowMs?: () => number } = {}): SceneFile {
  const { bootId = 'boot-1', nowMs = () => 1000 } = more;
  return new SceneFile({ folder, bootId, sinceBootMs: nowMs });
}

t.test('what was written is taken once, whole, by the same camera', { skip }, async (t) => {
  const folder = shmFolder(t);
  let nowMs = 1000;
  const file = fileIn(folder, { nowMs: () => nowMs });
  file.write(known, 'front');
  t.equal(statSync(join(folder, 'scene')).mode & 0o777, 0o600);
  nowMs = 8000;
  const kept = file.read('front');
  if (kept === null) throw new Error('it must be there');
  t.equal(file.ageS(kept), 7);
  t.same(kept.memory, known);
  file.remove();
  t.equal(file.read('front'), null);
});

t.test(
  'what is of another camera, another boot, too old or from the future is refused',
  { skip },
  async (t) => {
    const folder = shmFolder(t);
    const cases: [string, () => unknown][] = [
      ['another camera', () => fileIn(folder).read('back')],
      ['another boot', () => fileIn(folder, { bootId: 'boot-2' }).read('front')],
      ['too old', () => fileIn(folder, { nowMs: () => 302_000 }).read('front')],
      ['from the future', () => fileIn(folder, { nowMs: () => 1 }).read('front')],
    ];
    for (const [what, take] of cases) {
      fileIn(folder).write(known, 'front');
      t.throws(take, { code: 'WP2473' }, what);
      t.equal(fileIn(folder).read('front'), null, 'and removed');
    }
    fileIn(folder).write(known, 'front');
    t.ok(fileIn(folder, { nowMs: () => 301_000 }).read('front'), 'five minutes are not too old');
  },
);

t.test('damaged, torn or of another kind, it is refused and brings nothing down', { skip }, async (t) => {
  const folder = shmFolder(t);
  const path = join(folder, 'scene');
  fileIn(folder).write(known, 'front');
  const whole = readFileSync(path);
  const random = seeded(9);
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(whole);
    const at = random(bytes.length);
    if (round % 2 === 0) bytes.writeUInt8((bytes.readUInt8(at) + 1 + round) % 256, at);
    else bytes.fill(round, at);
    if (bytes.equals(whole)) continue;
    writeFileSync(path, bytes);
    t.throws(() => fileIn(folder).read('front'), { code: 'WP2473' }, `damage ${round}`);
  }
  for (const text of ['', 'WPSCENE1', 'WPSCENE1\xff\xff\xff\xff', 'garbage that is long enough to be read']) {
    writeFileSync(path, text, 'latin1');
    t.throws(() => fileIn(folder).read('front'), { code: 'WP2473' }, text);
  }
});

t.test('a memory whose planes do not have the size of its pictures is refused', { skip }, async (t) => {
  const folder = shmFolder(t);
  const wrong: DetectorMemory[] = [
    { ...known, width: 320 },
    { ...known, scene: { ...known.scene, age: new Uint8Array(4) } },
    { ...known, tracks: known.tracks.map((track) => ({ ...track, cells: Int32Array.of(1_000_000) })) },
  ];
  for (const memory of wrong) {
    fileIn(folder).write(memory, 'front');
    t.throws(() => fileIn(folder).read('front'), { code: 'WP2473' });
  }
});

t.test('nothing is written to a disk', async (t) => {
  const folder = t.testdir();
  if (isMemoryBacked(folder)) return t.pass('the test folder itself is in memory here');
  t.throws(() => fileIn(folder).write(known, 'front'), { code: 'WP2472', detail: /is on a disk/ });
  t.throws(() => statSync(join(folder, 'scene')), { code: 'ENOENT' });
  t.throws(() => statSync(join(folder, 'scene.part')), { code: 'ENOENT' });
  t.equal(memoryBackedFolder('watchpost-test', [folder]), null);
});

t.test('the folder is for its owner alone, and one that is not is left alone', { skip }, async (t) => {
  const place = shmFolder(t);
  const folder = memoryBackedFolder('watchpost-a', [join(place, 'none'), place]);
  t.equal(folder, join(place, 'watchpost-a'));
  t.equal(statSync(folder ?? '').mode & 0o777, 0o700);
  mkdirSync(join(place, 'open'));
  chmodSync(join(place, 'open'), 0o755);
  t.equal(memoryBackedFolder('open', [place]), null);
  symlinkSync(join(place, 'watchpost-a'), join(place, 'link'));
  t.equal(memoryBackedFolder('link', [place]), null);
  t.same(memoryBackedPlaces({ XDG_RUNTIME_DIR: '/run/user/7' }), ['/run/user/7', '/run', '/dev/shm']);
  t.same(memoryBackedPlaces({ XDG_RUNTIME_DIR: 'relative' }), ['/run', '/dev/shm']);
});
