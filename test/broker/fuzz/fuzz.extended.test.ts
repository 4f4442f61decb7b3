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
    const [first = 0, , last = 0] = figures.heapMiB;
    t.ok(last < first * 1.3 + 16, `live heap ${figures.heapMiB.join(', ')} MiB by thirds`);
    const [early = 0, , late = 0] = figures.residentMiB;
    t.ok(late < early * 1.3 + 32, `resident ${figures.residentMiB.join(', ')} MiB by thirds`);
  },
);
