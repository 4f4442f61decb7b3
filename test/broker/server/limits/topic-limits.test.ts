import t from 'tap';
import { DEFAULT_CONNECTION_LIMITS, uncapped } from '#broker/server/limits/connection-limits.ts';
import { TopicLimits } from '#broker/server/limits/topic-limits.ts';

t.test('topics have a length in bytes and a depth', (t) => {
  const limits = new TopicLimits({ ...DEFAULT_CONNECTION_LIMITS, topicBytes: 128, topicLevels: 8 });
  t.equal(limits.refusePublish('a'.repeat(128)), null);
  t.equal(limits.refusePublish('a'.repeat(129)), 'WP3125');
  t.equal(limits.refusePublish('é'.repeat(65)), 'WP3125', 'bytes, not characters');
  t.equal(limits.refusePublish('1/2/3/4/5/6/7/8'), null);
  t.equal(limits.refusePublish('1/2/3/4/5/6/7/8/'), 'WP3125', 'an empty level is one');
  t.equal(limits.subscribe({}, '1/2/3/4/5/6/7/8/#'), 'WP3126');
  t.end();
});

t.test(
  'subscriptions and wildcards of one client are counted; replacing is free, unsubscribing gives back',
  (t) => {
    const limits = new TopicLimits({ ...DEFAULT_CONNECTION_LIMITS, subscriptions: 3, wildcards: 1 });
    const client = {};
    t.equal(limits.subscribe(client, 'a/#'), null);
    t.equal(limits.subscribe(client, 'b/+'), 'WP3127');
    t.equal(limits.subscribe(client, 'a/#'), null);
    t.equal(limits.subscribe(client, 'b'), null);
    t.equal(limits.subscribe(client, 'c'), null);
    t.equal(limits.subscribe(client, 'd'), 'WP3127');
    t.notOk(limits.admits(client, 'd'), 'and what was refused is not kept for its session');
    t.ok(limits.admits(client, 'c'));
    t.ok(limits.admits({}, 'd'), 'of one that is not here nothing is known');
    limits.unsubscribe(client, ['a/#', 'c']);
    t.equal(limits.subscribe(client, 'e/#'), null);
    t.equal(limits.subscribe({}, 'f/#'), null, 'others have their own');
    t.end();
  },
);

t.test('for outside test tools there are no caps and no rates, and sizes hold', (t) => {
  const open = uncapped(DEFAULT_CONNECTION_LIMITS);
  for (const name of ['inAll', 'perAddress', 'halfOpen', 'connectsPerSecond', 'messagesPerSecond'] as const) {
    t.equal(open[name], Infinity, name);
  }
  t.equal(open.packetBytes, DEFAULT_CONNECTION_LIMITS.packetBytes);
  t.end();
});
