import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SceneMemoryFolder } from '#agent/behaviours/detection/scene-memory-folder.ts';
import { isMemoryBacked } from '#agent/ports/memory-backed.ts';
import { systemClock } from '#contract/clock.ts';
import { silent } from './fixture.ts';

const skip = isMemoryBacked('/dev/shm') ? false : 'no memory-backed /dev/shm on this machine';

t.test('each camera has a folder of its own, which is gone when the agent ends', { skip }, async (t) => {
  const place = mkdtempSync('/dev/shm/watchpost-test-');
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  const folderOf = (camera: string) =>
    new SceneMemoryFolder({
      evidenceDir: '/data/evidence',
      camera,
      clock: systemClock,
      log: silent,
      places: [place],
    });
  const front = folderOf('front');
  const path = front.prepare();
  t.equal(statSync(path ?? '').mode & 0o777, 0o700);
  t.equal(folderOf('front').prepare(), path, 'the same after a crash of the agent');
  t.not(folderOf('back').prepare(), path);
  front.remove();
  front.remove();
  t.notOk(existsSync(path ?? ''));
});

t.test('what a device that never came back has left is swept away', { skip }, async (t) => {
  const place = mkdtempSync('/dev/shm/watchpost-test-');
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  const scene = (name: string, ageS: number, base = 'scene') => {
    mkdirSync(join(place, name), { mode: 0o700, recursive: true });
    const file = join(place, name, base);
    writeFileSync(file, 'a picture');
    utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS);
    return file;
  };
  const old = scene(`watchpost-${'a'.repeat(24)}`, 3600);
  const torn = scene(`watchpost-${'c'.repeat(24)}`, 3600, 'scene.part');
  const fresh = scene(`watchpost-${'b'.repeat(24)}`, 5);
  const other = scene('somebody-else', 3600);
  new SceneMemoryFolder({
    evidenceDir: '/d',
    camera: 'c',
    clock: systemClock,
    log: silent,
    places: [place],
  }).prepare();
  t.same([old, torn, fresh, other].map(existsSync), [false, false, true, true]);
});

t.test('without memory-backed storage nothing is kept, and that is said', async (t) => {
  const said: object[] = [];
  const log = { ...silent, warn: (fields: object) => said.push(fields) };
  const folder = new SceneMemoryFolder({
    ...{ evidenceDir: '/d', camera: 'c', clock: systemClock, log, places: [t.testdir()] },
  });
  t.equal(folder.prepare(), undefined);
  t.match(said, [{ code: 'WP2472' }]);
  folder.remove();
});
