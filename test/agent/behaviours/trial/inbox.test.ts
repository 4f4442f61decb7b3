import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { Inbox } from '#agent/behaviours/trial/inbox.ts';
import type { InstallOutcome } from '#agent/ports/installation.ts';
import { FakeMemory, ManualDeviceClock, silentLog } from '../fakes.ts';

const done = (file: string): InstallOutcome => ({
  ...{ ok: true, file, generation: 2, slot: 'b', state: 'trial' },
  reports: [],
});
const refused = (file: string, code: string): InstallOutcome => ({
  ...{ ok: false, file, generation: 1, code, detail: '' },
  phase: 'verify',
});

function rig(t: Test, answer: (file: string) => InstallOutcome = done, memory = new FakeMemory()) {
  const dir = t.testdir({ own: {} });
  const own = join(dir, 'own');
  const stick = join(dir, 'stick');
  const taken: string[][] = [];
  const open = { isOpen: true };
  const inbox = new Inbox({
    folders: [own, stick],
    isOpen: () => open.isOpen,
    take: async (files) => {
      taken.push(files.map((file) => basename(file)).sort());
      return answer(files[0] ?? '');
    },
    ...{ memory, clock: new ManualDeviceClock(), log: silentLog },
  });
  const looks = async (count: number) => {
    for (let look = 0; look < count; look += 1) await inbox.look();
  };
  return { own, stick, taken, looks, memory, open };
}

t.test('a bundle is taken once it has stood still, and then never again', async (t) => {
  const { own, taken, looks } = rig(t);
  const file = join(own, 'a.wpb');
  writeFileSync(file, 'half');
  await looks(1);
  writeFileSync(file, 'half and more');
  utimesSync(file, 1, 1);
  await looks(1);
  t.same(taken, [], 'it is still being copied');
  await looks(5);
  t.same(taken, [['a.wpb']]);
  writeFileSync(file, 'another one');
  await looks(3);
  t.same(taken, [['a.wpb'], ['a.wpb']], 'another under the same name is another');
});

t.test('what was dealt with is remembered over starts; what must wait is tried again', async (t) => {
  const memory = new FakeMemory();
  const first = rig(t, (file) => refused(file, 'WP4105'), memory);
  writeFileSync(join(first.own, 'a.wpb'), 'of another device');
  await first.looks(4);
  t.same(first.taken, [['a.wpb']], 'told once');
  const waiting = rig(t, (file) => refused(file, 'WP4203'));
  writeFileSync(join(waiting.own, 'a.wpb'), 'during a trial');
  await waiting.looks(4);
  t.ok(waiting.taken.length > 1);
});

t.test('names of any case, sticks that come and go, and nothing that the site has sent', async (t) => {
  const { own, stick, taken, looks } = rig(t);
  writeFileSync(join(own, `bundle-${'a'.repeat(40)}.wpb`), 'waits for its order');
  writeFileSync(join(own, '.hidden.wpb'), '');
  writeFileSync(join(own, 'readme.txt'), '');
  mkdirSync(join(own, 'folder.wpb'));
  await looks(3);
  t.same(taken, []);
  mkdirSync(stick);
  writeFileSync(join(stick, 'WPA.WPB'), 'a');
  writeFileSync(join(stick, 'WPB.WPB'), 'b');
  await looks(2);
  t.same(taken, [['WPA.WPB', 'WPB.WPB']], 'the installer takes the newest of both');
  rmSync(stick, { recursive: true });
  await looks(2);
  t.equal(taken.length, 1);
});

t.test('during a trial nothing is looked at', async (t) => {
  const { own, taken, looks, open } = rig(t);
  open.isOpen = false;
  writeFileSync(join(own, 'a.wpb'), 'next');
  await looks(4);
  t.same(taken, []);
  open.isOpen = true;
  await looks(2);
  t.same(taken, [['a.wpb']]);
});

t.test('what was begun when the power went is begun again, but not for ever', async (t) => {
  const memory = new FakeMemory();
  const broken = (): never => {
    throw new RangeError('the agent has ended');
  };
  const { own, taken, looks } = rig(t, broken, memory);
  writeFileSync(join(own, 'a.wpb'), 'whole');
  await looks(10);
  t.equal(taken.length, 3, 'what brings the device down is not taken up at each start');
  const again = new FakeMemory();
  const cut = rig(t, (file) => (cut.taken.length === 1 ? broken() : done(file)), again);
  writeFileSync(join(cut.own, 'a.wpb'), 'whole');
  await cut.looks(10);
  t.equal(cut.taken.length, 2, 'and done once');
});

t.test('a stick that is full of bundles is gone through in portions', async (t) => {
  const { own, taken, looks } = rig(t, (file) => refused(file, 'WP4105'));
  for (let n = 0; n < 300; n += 1) writeFileSync(join(own, `${n}.wpb`), 'of others');
  await looks(20);
  t.ok(taken.every((files) => files.length <= 32));
  t.equal(taken.flat().length, 256);
});
