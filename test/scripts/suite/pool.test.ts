import t from 'tap';
import { type Job, runPool } from '#scripts/suite/pool.ts';

/** Jobs that end when told to, and what was begun so far. */
function bench() {
  const begun: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (cause: Error) => void }>();
  const run = ({ name }: Job) => {
    begun.push(name);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    ends.set(name, { resolve, reject });
    return promise;
  };
  /** Answers what was begun thereafter. */
  const end = async (name: string, cause?: Error) => {
    const before = begun.length;
    if (cause === undefined) ends.get(name)?.resolve();
    else ends.get(name)?.reject(cause);
    await new Promise((resolve) => setImmediate(resolve));
    return begun.slice(before);
  };
  return { begun, run, end };
}

const jobs = (sort: string, ...names: string[]): Job[] => names.map((name) => ({ sort, name }));
const options = {
  atOnce: 3,
  perSort: new Map([
    ['processes', 1],
    ['waiting', 1],
    ['plain', 2],
  ]),
};

t.test('a sort never has more at a time than it may, and what is left over takes the room', async (t) => {
  const { begun, run, end } = bench();
  const all = [...jobs('plain', 'a', 'b', 'c', 'd'), ...jobs('waiting', 'w'), ...jobs('processes', 'p', 'q')];
  const done = runPool(all, options, run);
  t.same(begun, ['p', 'w', 'a'], 'the first sorts are served first');
  t.same(await end('w'), ['b'], 'two of the plain ones, now that nothing waits');
  t.same(await end('p'), ['q'], 'the next of its sort, though others came earlier');
  t.same(await end('q'), [], 'never three of the plain ones');
  t.same(await end('b'), ['c']);
  t.same(await end('a'), ['d']);
  await end('c');
  await end('d');
  await done;
});

t.test('a job that rejects begins no other, and the rejection comes when the rest is done', async (t) => {
  const { run, end } = bench();
  const done = runPool(jobs('plain', 'a', 'b', 'c'), options, run);
  let isOver = false;
  const rejected = t.rejects(done, { message: 'broken' }).then(() => {
    isOver = true;
  });
  t.same(await end('a', new TypeError('broken')), []);
  t.equal(isOver, false, 'b still runs');
  await end('b');
  await rejected;
});

t.test('nothing to do is done at once', async () => {
  await runPool(jobs('plain'), options, () => Promise.reject(new TypeError('nothing was to be run')));
});
