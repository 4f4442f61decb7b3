import fc from 'fast-check';
import t from 'tap';
import { LANES } from '#contract/topics.ts';
import { SessionWorld, type Subscriber, type SubscriberKind } from './session-world.ts';

const KINDS: readonly SubscriberKind[] = [
  { clientId: 'svc.once', clean: false, subscriptions: [{ topic: 'wp/1/#', qos: 1 }] },
  {
    clientId: 'svc.exact',
    clean: false,
    // They overlap: each message comes once, with the higher QoS.
    subscriptions: [
      { topic: 'wp/1/north/#', qos: 1 },
      { topic: 'wp/1/+/+/up/+', qos: 2 },
    ],
  },
  { clientId: 'svc.clean', clean: true, subscriptions: [{ topic: 'wp/1/north/#', qos: 2 }] },
];
const LIMITS = { messages: 8, messagesInAll: 14, cleanMessages: 6, inFlight: 3 };

type Step =
  | {
      readonly do: 'publish';
      readonly by: string;
      readonly lane: number;
      readonly qos: 1 | 2;
      /** So many at once, while one of the others answers or comes. */
      readonly count: number;
      readonly meanwhile: number;
    }
  | { readonly do: 'connect' | 'drop'; readonly who: number }
  | { readonly do: 'answer'; readonly who: number; readonly skip: number; readonly count: number }
  | { readonly do: 'restart' };

/** Lives that are tried; more, and others, with WATCHPOST_LIVES and WATCHPOST_SEED. */
const RUNS = Number(process.env.WATCHPOST_LIVES ?? 6);

const who = fc.nat({ max: KINDS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      by: fc.constantFrom('p-1', 'p-2'),
      lane: fc.nat({ max: 2 }),
      qos: fc.constantFrom(1 as const, 2 as const),
      count: fc.integer({ min: 1, max: 4 }),
      meanwhile: who,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      who,
      // Not all clients answer in order.
      skip: fc.nat({ max: 1 }),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
);

async function publish(world: SessionWorld, each: Extract<Step, { do: 'publish' }>): Promise<void> {
  const { by, lane, qos, count, meanwhile } = each;
  const sent = Array.from({ length: count }, () => world.publish(by, LANES[lane] ?? 'event', qos));
  world.subscribers[meanwhile]?.answer(2);
  if (count > 2) await world.connect(meanwhile);
  await Promise.all(sent);
}

async function apply(world: SessionWorld, each: Step): Promise<void> {
  if (each.do === 'publish') await publish(world, each);
  else if (each.do === 'connect') await world.connect(each.who);
  else if (each.do === 'drop') await world.subscribers[each.who]?.drop();
  else if (each.do === 'answer') world.subscribers[each.who]?.answer(each.count, each.skip);
  else await world.restart();
}

/** Numbers of one publisher that came in another order than they were said. */
function disordered({ taken }: Subscriber): string[] {
  const newest = new Map<string, string>();
  return taken.filter((name) => {
    const [source = '', number = ''] = name.split('#');
    const isLate = number < (newest.get(source) ?? '');
    newest.set(source, number);
    return isLate;
  });
}

function check(world: SessionWorld): void {
  const faults = [
    ...world.unbalanced(),
    ...world.subscribers.flatMap((each) =>
      [...each.faults, ...disordered(each)].map((fault) => `${each.kind.clientId} ${fault}`),
    ),
  ];
  if (faults.length > 0) throw new RangeError(faults.join('; '));
}

/** Everybody is there and answers until nothing waits any more. */
async function finish(world: SessionWorld): Promise<void> {
  for (const index of KINDS.keys()) await world.connect(index);
  const { sessions } = world.site.site;
  const isOpen = () =>
    [sessions.kept, sessions.clean].some(({ statement }) => statement.queued + statement.inFlight > 0);
  for (let round = 0; round < 300 && isOpen(); round += 1) {
    for (const subscriber of world.subscribers) subscriber.answer(100);
    await world.settle();
  }
  if (isOpen()) throw new RangeError('something waits for ever');
  await world.settle();
  const rows = world.site.site.store.sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get();
  if (rows !== 0) throw new RangeError(`${rows} rows are left`);
  check(world);
}

t.test(
  'over any life of clients and broker the accounts balance, order holds, and QoS 2 comes once',
  async (t) => {
    const seed = Number(process.env.WATCHPOST_SEED ?? 20_260_101);
    const steps = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' });
    const property = fc.asyncProperty(steps, async (script) => {
      const world = await SessionWorld.start(t, KINDS, LIMITS);
      try {
        for (const each of script) {
          await apply(world, each);
          check(world);
        }
        await world.settle();
        check(world);
        await finish(world);
      } finally {
        await world.site.close();
      }
    });
    const result = await fc.check(property, { seed, numRuns: RUNS, endOnFailure: true });
    if (result.failed) t.fail(`${String(result.errorInstance)} ${fc.defaultReportMessage(result)}`);
    t.equal(result.numRuns, RUNS);
  },
);
