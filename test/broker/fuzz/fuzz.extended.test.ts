import t from 'tap';
import { campaign } from './campaign.ts';

/** Minutes; the seed of the first connection, each further one being the next. */
const MINUTES = Number(process.env.FUZZ_MINUTES ?? 10);
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 5_000_000);

function* countFrom(seed: number): Generator<number> {
  for (let next = seed; ; next++) yield next;
}

t.test(
  'ten minutes of hostile clients: nothing crashes, memory stays flat, a healthy device is served',
  async (t) => {
    const figures = await campaign(t, countFrom(FIRST_SEED), MINUTES * 60_000, 6);
    t.comment(JSON.stringify({ ...figures, refusals: undefined }));
    t.comment(figures.refusals);
    t.same(figures.findings, []);
    t.same(figures.thrown, []);
    t.equal(figures.exitCode, 0);
    t.equal(figures.integrity, 'ok');
    t.equal(figures.inLedger, figures.receipted);
    // The first tenths fill caches and the pages of the database; from then on nothing may grow.
    const { heapMiB, residentMiB } = figures;
    const [early, late] = [heapMiB.slice(2, 5), heapMiB.slice(-3)].map((tenths) => Math.min(...tenths));
    t.ok((late ?? Infinity) < (early ?? 0) * 1.3 + 16, `live heap ${heapMiB.join(', ')} MiB by tenths`);
    const [before, after] = [residentMiB.slice(2, 5), residentMiB.slice(-3)].map((tenths) =>
      Math.max(...tenths),
    );
    t.ok((after ?? Infinity) < (before ?? 0) * 1.25 + 32, `resident ${residentMiB.join(', ')} MiB by tenths`);
  },
);
