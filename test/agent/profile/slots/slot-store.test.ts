import t from 'tap';
import { once } from '#agent/profile/slots/slot-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { decodeSuperblock, encodeSuperblock, type SlotState } from '#agent/profile/slots/superblock.ts';
import { MAX_TRIAL_STARTS, TRIAL_WITHIN_MS, type TrialStart } from '#agent/profile/slots/transitions.ts';
import { bringUp, contentOf, provenDisk, rootNumber } from './slot-kit.ts';
import { VolatileDisk } from './volatile-disk.ts';

async function proven(): Promise<{ disk: VolatileDisk; store: SlotStore }> {
  const disk = await provenDisk();
  return { disk, store: new SlotStore(disk) };
}

/** What a start runs: generation, trial, and the code of its problem. */
async function startOf(store: SlotStore): Promise<[number, boolean, string | null] | null> {
  const started = await store.start();
  if (started === null) return null;
  return [started.manifest.generation, started.trial, started.problem?.code ?? null];
}

t.test('new slots are empty and run nothing; they are made once', async (t) => {
  const store = new SlotStore(new VolatileDisk());
  await t.rejects(store.start(), { code: 'WP4201' });
  await store.make(rootNumber(1));
  t.equal(await startOf(store), null);
  await t.rejects(store.make(rootNumber(1)), { code: 'WP4202' });
  await t.rejects(store.tryOut(), { code: 'WP4208' });
});

t.test(
  'a bundle is tried, and confirmed raises the generation below which nothing is installed',
  async (t) => {
    const { store } = await proven();
    await store.install(contentOf(5));
    t.same(await startOf(store), [1, false, null], 'installed is not tried yet');
    await store.tryOut();
    await t.rejects(store.confirm(), { code: 'WP4208' }, 'nor can it be confirmed without a start');
    t.same(await startOf(store), [5, true, null]);
    t.equal((await store.state()).floor?.generation, 1, 'a trial raises nothing');
    await store.confirm();
    t.same(await startOf(store), [5, false, null]);
    await t.rejects(store.install(contentOf(4)), { code: 'WP4106' });
  },
);

t.test(
  'a trial that is never confirmed ends after its starts, and is said with its generation',
  async (t) => {
    const { store } = await proven();
    await store.install(contentOf(2));
    await store.tryOut();
    for (let start = 0; start < MAX_TRIAL_STARTS; start += 1) t.same(await startOf(store), [2, true, null]);
    t.same(await startOf(store), [1, false, 'WP4205']);
    t.same(await startOf(store), [1, false, null]);
    t.match((await store.state()).last, { generation: 2, code: 'WP4205' });
    await t.rejects(store.tryOut(), { code: 'WP4208' }, 'what was rejected is not tried again');
    await bringUp(store, 2);
    t.same(await startOf(store), [2, false, null], 'installed anew it is');
    t.equal((await store.state()).last, null);
  },
);

const startIn = (boot: string, sinceBootMs: number, more: Partial<TrialStart> = {}): TrialStart => ({
  ...{ boot, sinceBootMs, afterFault: false },
  ...more,
});

async function onTrial(generation: number): Promise<SlotStore> {
  const { store } = await proven();
  await store.install(contentOf(generation));
  await store.tryOut();
  return store;
}

t.test('a trial that crashes twice is given up; power cuts between are no crashes', async (t) => {
  const store = await onTrial(2);
  const starts: [boolean, boolean][] = [
    // What was before the first start of the trial was the run of another bundle.
    [true, true],
    [false, true],
    [true, true],
    [false, true],
    [true, false],
  ];
  for (const [afterFault, runs] of starts) {
    const started = await store.start(startIn('boot', 1000, { afterFault }));
    t.equal(started?.trial, runs);
  }
  t.match((await store.state()).last, { generation: 2, code: 'WP4205' });
});

t.test(
  'a trial is given up two minutes after its first start, over restarts, by the clock of the boot',
  async (t) => {
    const store = await onTrial(2);
    t.equal((await store.start(startIn('one', 50_000)))?.trial, true);
    t.equal((await store.start(startIn('one', 49_999 + TRIAL_WITHIN_MS)))?.trial, true);
    t.equal((await store.start(startIn('two', 900_000)))?.trial, true, 'without power no clock counts');
    const late = await store.start(startIn('two', 900_000 + TRIAL_WITHIN_MS));
    t.match(late, { trial: false, problem: { code: 'WP4214' }, manifest: { generation: 1 } });
  },
);

t.test('a first bundle is started however it ends: there is nothing to go back to', async (t) => {
  const store = new SlotStore(new VolatileDisk());
  await store.make(rootNumber(1));
  await store.install(contentOf(1));
  await store.tryOut();
  for (let n = 0; n < 101; n += 1) {
    const started = await store.start(startIn('boot', n * TRIAL_WITHIN_MS, { afterFault: true }));
    t.equal(started?.trial, true);
  }
  await store.notPassed('WP4216');
  t.match(await store.state(), { last: { generation: 1, code: 'WP4216' }, trial: { slot: 'a' } });
  await store.confirm();
  t.match(await store.state(), { last: null, confirmed: 'a' });
});

t.test('what is not needed to arm is not looked at by a start, and found afterwards', async (t) => {
  const { disk, store } = await proven();
  disk.damage('a/content/voice/en/alarm.sent.wav', 3);
  const needed = ({ name }: { name: string }) => !name.startsWith('voice/');
  const started = await store.start(startIn('boot', 0), needed);
  t.match(started, { manifest: { generation: 1 }, problem: null });
  if (started === null) return;
  const damaged = await store.damaged(started);
  t.same(
    damaged.map(({ name }) => name),
    ['voice/en/alarm.sent.wav'],
  );
  disk.damage('a/content/profile.json', 3);
  t.equal(await store.start(startIn('boot', 0), needed), null);
});

t.test('during a trial nothing is installed and nothing falls back', async (t) => {
  const { store } = await proven();
  await store.install(contentOf(2));
  await store.tryOut();
  await t.rejects(store.install(contentOf(3)), { code: 'WP4203' });
  await t.rejects(store.tryOut(), { code: 'WP4203' });
  await t.rejects(store.fallBack(), { code: 'WP4203' });
  await store.reject('WP4205');
  await t.rejects(store.reject('WP4205'), { code: 'WP4208' });
  t.same(await startOf(store), [1, false, null]);
});

t.test(
  'falling back is no installation: it may be older than what was confirmed, which stays known',
  async (t) => {
    const { store } = await proven();
    await t.rejects(store.fallBack(), { code: 'WP4206' }, 'there is no other yet');
    await bringUp(store, 2);
    await store.fallBack();
    t.same(await startOf(store), [1, false, null]);
    t.equal((await store.state()).floor?.generation, 2);
    await bringUp(store, 2);
    t.same(await startOf(store), [2, false, null], 'the same content again is not older');
  },
);

t.test('what was never confirmed is nothing to fall back to', async (t) => {
  const { store } = await proven();
  await store.install(contentOf(2));
  await t.rejects(store.fallBack(), { code: 'WP4206' });
});

t.test('a trial whose content was damaged does not run', async (t) => {
  const { disk, store } = await proven();
  const slot = await store.install(contentOf(2));
  await store.tryOut();
  disk.damage(`${slot}/content/profile.json`, 3);
  t.same(await startOf(store), [1, false, 'WP4204']);
});

t.test('where what is confirmed was damaged the one before runs, and stays', async (t) => {
  for (const file of ['content/profile.json', 'content/voice/en/alarm.sent.wav', 'manifest.json']) {
    const { disk, store } = await proven();
    await bringUp(store, 2);
    disk.damage(`${(await store.state()).confirmed}/${file}`, 7);
    t.same(await startOf(store), [1, false, 'WP4204'], file);
    t.same(await startOf(store), [1, false, null], file);
    t.match((await store.state()).last, { generation: 2, code: 'WP4204' });
    await bringUp(store, 2);
    t.same(await startOf(store), [2, false, null], 'it can be installed again');
  }
});

t.test('with both damaged nothing runs', async (t) => {
  const { disk, store } = await proven();
  await bringUp(store, 2);
  for (const slot of ['a', 'b']) disk.damage(`${slot}/content/profile.json`, 0);
  t.equal(await startOf(store), null);
});

t.test('a file that was not installed makes a slot another', async (t) => {
  const { disk, store } = await proven();
  const slot = await store.install(contentOf(2));
  await store.tryOut();
  await disk.write(`${slot}/content/boards/uno.hex`, once(Buffer.alloc(0)));
  t.same(await startOf(store), [1, false, 'WP4204']);
});

t.test('a card that takes no writing any more runs what is confirmed, and no trial uncounted', async (t) => {
  const { disk, store } = await proven();
  await store.install(contentOf(2));
  await store.tryOut();
  disk.cutAt = disk.steps;
  t.same(await startOf(store), [1, false, 'WP4209']);
  t.same(await startOf(store), [1, false, 'WP4209']);
});

t.test('what the card gives back differently is not made ready', async (t) => {
  const { disk, store } = await proven();
  disk.readBack = async function* () {
    yield Buffer.from('something else');
  };
  await t.rejects(store.install(contentOf(2)), { code: 'WP4207' });
  await t.rejects(store.tryOut(), { code: 'WP4208' });
  t.same(await startOf(store), [1, false, null]);
});

t.test('installing what is there already, or was cut off, writes only what is missing', async (t) => {
  const { disk, store } = await proven();
  const steps = async () => {
    const before = disk.steps;
    await store.install(contentOf(2));
    return disk.steps - before;
  };
  const first = await steps();
  t.equal(await steps(), 0, 'nothing the second time');
  const slot = 'b';
  await disk.remove(`${slot}/content/profile.json`);
  const again = await steps();
  t.ok(again > 0 && again < first, `${again} of ${first} steps`);
});

t.test('a newer root is kept, an older one is not', async (t) => {
  const { store } = await proven();
  await store.trust(rootNumber(3));
  await store.trust(rootNumber(2));
  t.equal((await store.root()).signed.version, 3);
});

t.test('a superblock of the longest state fits, and any bit of it changed has it unread', async (t) => {
  const most = { generation: 2_147_483_647, digest: 'f'.repeat(64) };
  const state: SlotState = {
    ...{ rev: Number.MAX_SAFE_INTEGER, confirmed: 'b', floor: most },
    trial: {
      ...{ slot: 'a', starts: 99, faults: 99 },
      since: { boot: 'b'.repeat(64), ms: Number.MAX_SAFE_INTEGER },
    },
    slots: { a: { ...most, proven: false }, b: { ...most, proven: false } },
    ...{
      last: { generation: most.generation, code: 'WP4205', rev: Number.MAX_SAFE_INTEGER },
      root: { version: most.generation, digest: most.digest },
    },
  };
  const block = encodeSuperblock(state);
  t.same(decodeSuperblock(block), state);
  for (let bit = 0; bit < block.length * 8; bit += 1) {
    const changed = Buffer.from(block);
    changed[bit >> 3] = (block[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (decodeSuperblock(changed) !== null) t.fail(`bit ${bit}`);
  }
});

t.test(
  'a second bundle that crashes, or is damaged, before any was confirmed gives way to the first',
  async (t) => {
    for (const why of ['crashes', 'damaged'] as const) {
      const disk = new VolatileDisk();
      const store = new SlotStore(disk);
      await store.make(rootNumber(1));
      await store.install(contentOf(1));
      await store.tryOut();
      t.same(await startOf(store), [1, true, null]);
      await store.install(contentOf(2));
      await store.tryOut();
      const crash: TrialStart = { afterFault: true, boot: 'b', sinceBootMs: 0 };
      if (why === 'damaged') await disk.write('b/content/profile.json', once(Buffer.from('torn')));
      else for (let n = 0; n < 2; n += 1) t.match(await store.start(crash), { manifest: { generation: 2 } });
      const code = why === 'damaged' ? 'WP4204' : 'WP4205';
      t.match(await store.start(crash), { manifest: { generation: 1 }, trial: true, problem: { code } }, why);
      for (let n = 0; n < 9; n += 1)
        t.match(await store.start(crash), { manifest: { generation: 1 }, problem: null });
      await store.confirm();
      t.same(await startOf(store), [1, false, null]);
    }
  },
);
