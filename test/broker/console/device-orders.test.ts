import t from 'tap';
import type { Answer } from '#broker/console/api/answer.ts';
import { DeviceOrders, type Order } from '#broker/console/control/device-orders.ts';
import type { ConsoleEvent } from '#broker/console/state/events.ts';
import { type ConsoleState, initialState } from '#broker/console/state/model.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import { Store } from '#broker/console/state/store.ts';
import type { CommandItem } from '#contract/http.ts';
import type { CommandReply } from '#contract/messages.ts';

const ORDER: Order = { name: 'bypass', args: { inputs: ['button'], forS: 3600, reason: 'rain' } };

function replied(reply: Partial<CommandReply> | null): Answer<CommandItem> {
  const head = { id: 'c1', name: 'bypass', at: '2026-01-01T00:00:00.000Z' };
  const value = { id: 'c1', device: 'demo.a', name: 'bypass', who: 'ops' };
  return {
    ok: true,
    value: { ...value, reply: reply === null ? null : { ...head, ok: true, ...reply } },
    dateMs: null,
  };
}

function rig() {
  const sent: unknown[] = [];
  const store = new Store<ConsoleState, ConsoleEvent>(initialState('en', 0), reduce);
  const { promise, resolve: answer } = Promise.withResolvers<Answer<CommandItem>>();
  const client = {
    order: (device: string, order: Order) => {
      sent.push([device, order]);
      return promise;
    },
  };
  return { sent, store, answer, orders: new DeviceOrders({ client, store }) };
}

const outcomes: readonly [string, Answer<CommandItem>, unknown][] = [
  ['done', replied({}), { state: 'done', detail: null }],
  [
    'refused by the device',
    replied({ ok: false, code: 'WP2105', message: 'WP2105 no input bell' }),
    { state: 'refused', detail: 'WP2105 no input bell' },
  ],
  ['not answered yet', replied(null), { state: 'unanswered', detail: null }],
  [
    'refused by the site',
    { ok: false, trouble: { kind: 'conflict', code: 'WP3405', detail: 'not connected' } },
    { state: 'refused', detail: 'WP3405 not connected' },
  ],
  [
    'lost on the way',
    { ok: false, trouble: { kind: 'unreachable', code: null, detail: null } },
    { state: 'refused', detail: 'unreachable' },
  ],
];

for (const [what, answer, expected] of outcomes) {
  t.test(`an order that is ${what} is shown as that, at its device`, async (t) => {
    const rigged = rig();
    const given = rigged.orders.give('demo.a', ORDER);
    t.same(rigged.store.state.orders.get('demo.a'), { state: 'sent', detail: null });
    rigged.answer(answer);
    await given;
    t.same([...rigged.store.state.orders], [['demo.a', expected]]);
  });
}

t.test('a device has one order at a time, others their own', async (t) => {
  const { sent, orders, answer } = rig();
  const given = [orders.give('demo.a', ORDER), orders.give('demo.a', ORDER), orders.give('demo.b', ORDER)];
  t.same(
    sent,
    [
      ['demo.a', ORDER],
      ['demo.b', ORDER],
    ],
    'a second click is none',
  );
  answer(replied({}));
  await Promise.all(given);
  void orders.give('demo.a', ORDER);
  t.equal(sent.length, 3);
});

t.test('who signs out leaves nothing of it behind', async (t) => {
  const { store, orders, answer } = rig();
  answer(replied({}));
  await orders.give('demo.a', ORDER);
  store.dispatch({ type: 'session-needed', trouble: null });
  t.equal(store.state.orders.size, 0);
});
