import type { Test } from 'tap';
import type { Publisher } from './campaign-publisher.ts';
import type { Subscriber } from './campaign-subscriber.ts';
import type { KillCampaign } from './kill-campaign.ts';

/** Shown of a long list. */
const SHOWN = 8;

/** Everything that a broker promises over its deaths, for every pair of publisher and subscriber. */
export function judge(t: Test, campaign: KillCampaign): void {
  const { publishers, subscribers, watcher } = campaign;
  const pairs = subscribers.flatMap((subscriber) =>
    publishers.map((publisher) => faultsOf(publisher, subscriber)),
  );
  t.same(shown(pairs, 'lost'), [], 'nothing acknowledged is lost');
  t.same(shown(pairs, 'doubled'), [], 'nothing is delivered twice with QoS 2');
  t.same(shown(pairs, 'displaced'), [], 'each subscriber gets what a publisher said in its order');
  t.same(campaign.stale.slice(0, SHOWN), [], 'no retained message is older than what was acknowledged');
  const sessions = [...publishers, ...subscribers, watcher].filter(({ sessionsLost }) => sessionsLost > 0);
  t.same(
    sessions.map(({ name, sessionsLost }) => `${name}: ${sessionsLost}`),
    [],
    'every session was present when its client came back',
  );
  t.same(
    willFaults(campaign).slice(0, SHOWN),
    [],
    'left wills go out once, and not when their owner is back',
  );
}

interface Faults {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly displaced: readonly string[];
}

function faultsOf(publisher: Publisher, subscriber: Subscriber): Faults {
  const prefix = `${publisher.name} `;
  const numbers = subscriber.got
    .filter((payload) => payload.startsWith(prefix))
    .map((payload) => Number(payload.slice(prefix.length)));
  const first = [...new Set(numbers)];
  const seen = new Set(numbers);
  const name = (number: number) => `${subscriber.name} of ${publisher.name}: ${number}`;
  const isExact = publisher.qos === 2 && subscriber.qos === 2;
  return {
    lost: publisher.taken.filter((number) => !seen.has(number)).map(name),
    doubled: isExact ? numbers.filter((number, at) => numbers.indexOf(number) !== at).map(name) : [],
    displaced: first.filter((number, at) => number < (first[at - 1] ?? -1)).map(name),
  };
}

function willFaults({ owners, watcher }: KillCampaign): string[] {
  return owners.flatMap(({ fates }) =>
    [...fates].flatMap(([payload, fate]) => {
      const times = watcher.got.filter((each) => each === payload).length;
      const isRight = fate === 'once' ? times === 1 : fate === 'never' ? times === 0 : times <= 1;
      return isRight ? [] : [`${payload}: ${times} times, should be ${fate}`];
    }),
  );
}

function shown(pairs: readonly Faults[], kind: keyof Faults): string[] {
  const all = pairs.flatMap((faults) => faults[kind]);
  return all.length > SHOWN ? [...all.slice(0, SHOWN), `… ${all.length} in all`] : all;
}
