import t from 'tap';
import { type LaneKey, Watermarks } from '#broker/persistence/ledger/watermarks.ts';
import { memoryDatabase } from '#test/support/site-database.ts';

/** Deterministic numbers from 0 to 1 (mulberry32), so that a failing seed can be kept. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HIGHEST = 40;

t.test('in whatever order ranges are settled, the watermark and the gaps are those of the set', async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const database = memoryDatabase(t);
    const watermarks = new Watermarks(database);
    const key: LaneKey = { source: '/wp/a/b', epoch: `e${seed}`, lane: 'alarm' };
    const settled = new Map<number, string>();
    const next = random(seed);
    let before = 0;
    for (let step = 0; step < 40; step += 1) {
      const from = 1 + Math.floor(next() * HIGHEST);
      const to = Math.min(HIGHEST, from + (next() < 0.7 ? 0 : Math.floor(next() * 8)));
      for (let seq = from; seq <= to; seq += 1) if (!settled.has(seq)) settled.set(seq, `id-${seq}`);
      await database.commit(() => watermarks.settle(key, { from, to, atId: `id-${to}` }));
      const mark = watermarks.get(key);
      if (mark.upTo < before || mark.upTo !== contiguous(settled)) t.fail(`seed ${seed}: upTo ${mark.upTo}`);
      if (mark.upTo > 0 && mark.atId !== `id-${mark.upTo}`) t.fail(`seed ${seed}: atId ${mark.atId}`);
      const gaps = watermarks.missing(key);
      if (JSON.stringify(gaps) !== JSON.stringify(gapsOf(settled)))
        t.fail(`seed ${seed}: ${JSON.stringify(gaps)}`);
      before = mark.upTo;
    }
    database.close();
  }
  t.pass('60 seeds');
});

function contiguous(settled: ReadonlyMap<number, string>): number {
  let upTo = 0;
  while (settled.has(upTo + 1)) upTo += 1;
  return upTo;
}

function gapsOf(settled: ReadonlyMap<number, string>): [number, number][] {
  const gaps: [number, number][] = [];
  const highest = Math.max(0, ...settled.keys());
  for (let seq = 1; seq <= highest; seq += 1) {
    if (settled.has(seq)) continue;
    const last = gaps.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else gaps.push([seq, seq]);
  }
  return gaps;
}
