import t from 'tap';
import { Debounce } from '#agent/drivers/firmata/debounce.ts';
import type { ContactEdge } from '#agent/ports/inputs.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';

function setUp(holdMs: number) {
  const clock = new ManualDeviceClock();
  const edges: ContactEdge[] = [];
  const debounce = new Debounce({ holdMs, clock, onEdge: (edge) => edges.push(edge) });
  debounce.begin(false);
  return { clock, edges, debounce };
}

t.test('a level that holds is one edge, dated by the raw edge that began it', async (t) => {
  const { clock, edges, debounce } = setUp(20);
  const atMonoMs = clock.sinceBootMs();
  debounce.take(true);
  await clock.advance(19);
  t.same(edges, [], 'not before it has held');
  await clock.advance(1);
  t.same(edges, [{ active: true, atMonoMs, edges: 1 }]);
  t.equal(debounce.level, true);
});

t.test('chatter is folded into one edge that says how many it was', async (t) => {
  const { clock, edges, debounce } = setUp(20);
  for (const raw of [true, false, true, false, true]) {
    debounce.take(raw);
    await clock.advance(5);
  }
  const atMonoMs = clock.sinceBootMs() - 5;
  await clock.advance(20);
  t.same(edges, [{ active: true, atMonoMs, edges: 5 }]);
});

t.test('a spike is no press, and is not counted to the next one', async (t) => {
  const { clock, edges, debounce } = setUp(20);
  debounce.take(true);
  await clock.advance(10);
  debounce.take(false);
  await clock.advance(100);
  t.same(edges, []);
  debounce.take(true);
  await clock.advance(20);
  t.equal(edges[0]?.edges, 1);
});

t.test('the same level again is nothing; without a time each change is told at once', async (t) => {
  const { edges, debounce, clock } = setUp(0);
  debounce.take(false);
  debounce.take(true);
  debounce.take(true);
  debounce.take(false);
  t.same(
    edges.map(({ active }) => active),
    [true, false],
  );
  t.equal(clock.pending, 0);
});

t.test('what is stopped tells nothing afterwards', async (t) => {
  const { clock, edges, debounce } = setUp(20);
  debounce.take(true);
  debounce.stop();
  await clock.advance(100);
  t.same(edges, []);
  t.equal(clock.pending, 0);
});
