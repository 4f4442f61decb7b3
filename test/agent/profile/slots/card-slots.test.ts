import t, { type Test } from 'tap';
import { CardSlots } from '#agent/profile/slots/card-slots.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { bringUp, contentOf, rootNumber } from './slot-kit.ts';

const START = { afterFault: false, boot: 'b', sinceBootMs: 0 };

async function confirmedTwice(t: Test) {
  const dir = temporaryFolder(t);
  const store = new SlotStore(new FileDisk(dir));
  await store.make(rootNumber(1));
  for (const generation of [1, 2]) await bringUp(store, generation);
  return { dir, store };
}

async function desk(dir: string) {
  const run = await new CardSlots(dir).start(START);
  if (run === null) throw new RangeError('nothing runs');
  return run.desk;
}

t.test('ordered back twice before it has started again, a device goes back once', async (t) => {
  const { dir } = await confirmedTwice(t);
  const running = await desk(dir);
  t.equal(running.running.generation, 2);
  t.equal(running.isLeaving, false);
  const back = { slot: 'a', generation: 1 };
  t.same([await running.fallBack(), await running.fallBack()], [back, back]);
  t.equal(running.isLeaving, true);
  t.equal((await desk(dir)).running.generation, 1);
});

t.test('a trial that was given up is left, and an order to go back says where to', async (t) => {
  const { dir, store } = await confirmedTwice(t);
  await store.install(contentOf(3));
  await store.tryOut();
  const running = await desk(dir);
  t.equal(running.trial?.backTo, 2);
  await running.reject('WP4216');
  t.equal(running.isLeaving, true);
  t.same(await running.fallBack(), { slot: 'b', generation: 2 });
  t.equal((await desk(dir)).running.generation, 2);
});

t.test(
  'before anything is confirmed, what cannot be begun gives way to what ran before it, once',
  async (t) => {
    const dir = temporaryFolder(t);
    const store = new SlotStore(new FileDisk(dir));
    await store.make(rootNumber(1));
    const slots = new CardSlots(dir);
    t.equal(await slots.giveWay('WP4108'), false, 'nothing is there');
    for (const generation of [1, 2]) {
      await store.install(contentOf(generation));
      await store.tryOut();
      t.equal((await desk(dir)).running.generation, generation);
    }
    t.equal(await slots.giveWay('WP4108'), true);
    t.match((await desk(dir)).running, {
      generation: 1,
      state: 'trial',
      last: { generation: 2, code: 'WP4108' },
    });
    t.equal(await slots.giveWay('WP4108'), false, 'a first bundle stays');
  },
);
