import t from 'tap';
import type { ObjectReport } from '#agent/behaviours/detection/object-events.ts';
import { ToldObjects } from '#agent/behaviours/detection/told-objects.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeMemory } from '../fakes.ts';
import { silent } from './fixture.ts';

const PLACED = {
  t: 30,
  since: 20,
  box: [0.1, 0.2, 0.3, 0.4],
  score: 0.9,
  reason: 'r',
} satisfies Partial<ObjectReport>;

function toldOf(memory = new FakeMemory()) {
  const clock = new ManualClock();
  const told = new ToldObjects({ camera: 'front', memory, clock, log: silent });
  told.start();
  const news = (objectId: string, change: ObjectReport['change'], more: Partial<ObjectReport> = {}) =>
    told.isNews({ kind: 'object', objectId, change, ...PLACED, ...more });
  return { told, news, memory, clock };
}

t.test('each beginning and each end is told once, whatever a process that was killed repeats', async (t) => {
  const { news } = toldOf();
  t.same(
    [news('a', 'left'), news('a', 'left'), news('a', 'updated'), news('a', 'updated'), news('a', 'removed')],
    [true, false, true, true, true],
  );
  t.same([news('a', 'removed'), news('a', 'reclaimed'), news('a', 'left')], [false, false, false]);
  t.ok(news('b', 'left'));
  t.ok(news('c', 'removed'), 'what was told so long ago that it is forgotten ends all the same');
});

t.test('what was told of long ago is forgotten: it is bounded', async (t) => {
  const { news, clock, memory } = toldOf();
  for (let i = 0; i < 1000; i++) t.ok(news(`object-${i}`, 'left'));
  t.notOk(news('object-999', 'left'));
  t.ok(news('object-0', 'left'));
  await clock.advance(1000);
  const again = toldOf(memory);
  t.notOk(again.news('object-999', 'left'), 'what is kept can be read');
});

t.test('over a restart of the agent, also by kill -9, nothing is told twice', async (t) => {
  const before = toldOf();
  before.news('there', 'left');
  before.news('taken', 'left');
  before.news('taken', 'removed');
  await before.clock.advance(1000);
  t.equal(before.memory.writes.length, 1, 'what changes at once is written once');
  const after = toldOf(before.memory);
  t.notOk(after.news('there', 'left'));
  t.notOk(after.news('taken', 'removed'));
  t.ok(after.news('there', 'reclaimed'));
});

t.test('what nobody follows any more is known with the newest that was told of it, once', async (t) => {
  const before = toldOf();
  before.news('lost', 'left', { zone: 'exit' });
  before.news('lost', 'updated', { t: 90, state: 'attended' });
  before.news('followed', 'left');
  before.news('fixture', 'left');
  before.news('fixture', 'updated', { state: 'fixture' });
  await before.clock.advance(1000);
  const after = toldOf(before.memory);
  t.match(after.told.takeUnwatched(['followed']), [
    { objectId: 'lost', camera: 'front', t: 90, box: PLACED.box },
  ]);
  t.same(after.told.takeUnwatched(['followed']), []);
  t.notOk(after.news('lost', 'removed'), 'its end is told');
  t.same(
    after.told.takeUnwatched([]).map(({ objectId }) => objectId),
    ['followed'],
  );
});

t.test('a memory of another version is passed over', async (t) => {
  const memory = new FakeMemory();
  memory.set('told-objects', { version: 9 });
  t.ok(toldOf(memory).news('a', 'left'));
});
