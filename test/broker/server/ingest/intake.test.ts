import t from 'tap';
import { Intake } from '#broker/server/ingest/intake.ts';

function begin(limits: { messages: number; bytes: number }) {
  const intake = new Intake(limits);
  const begun: number[] = [];
  const leaves = new Map<number, () => void>();
  const enter = (name: number, bytes = 1) =>
    intake.enter(bytes, (leave) => {
      begun.push(name);
      leaves.set(name, leave);
    });
  return { intake, begun, enter, leave: (name: number) => leaves.get(name)?.() };
}

t.test(
  'above the number nothing more is taken in until something is through, in the order it came',
  async (t) => {
    const { intake, begun, enter, leave } = begin({ messages: 2, bytes: 1000 });
    for (let name = 1; name <= 5; name += 1) enter(name);
    t.same(begun, [1, 2]);
    t.equal(intake.waiting, 3);
    leave(2);
    t.same(begun, [1, 2, 3]);
    leave(2);
    t.same(begun, [1, 2, 3], 'one leaves once');
    leave(1);
    leave(3);
    t.same(begun, [1, 2, 3, 4, 5]);
    t.equal(intake.waiting, 0);
  },
);

t.test('bytes count, too, and one that is larger than all of them is let in alone', async (t) => {
  const { begun, enter, leave } = begin({ messages: 10, bytes: 100 });
  enter(1, 500);
  enter(2, 1);
  t.same(begun, [1]);
  leave(1);
  t.same(begun, [1, 2]);
});

t.test('a long queue at the door is worked off', async (t) => {
  const { intake, begun, enter, leave } = begin({ messages: 1, bytes: 100 });
  for (let name = 0; name < 5000; name += 1) enter(name);
  for (let name = 0; name < 5000; name += 1) leave(name);
  t.equal(begun.length, 5000);
  t.same(
    begun,
    [...begun].sort((a, b) => a - b),
  );
  t.equal(intake.waiting, 0);
});
