import t from 'tap';
import { ApiClient } from '#broker/console/api/client.ts';
import { FleetDesk, stepsOf } from '#broker/console/control/fleet-desk.ts';
import { loadWords, wordsIn } from '#broker/console/words/words.ts';
import { DRIFTS, ROLLOUT_STATES, RolloutItem } from '#contract/fleet.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

t.before(loadWords);

const rollout = (id: number, state: RolloutItem['state']): RolloutItem =>
  RolloutItem.parse({
    ...{ id, name: 'autumn', state, stage: 0, stages: 2, soakAt: null, rules: {}, reason: null, members: [] },
    ...{ createdAt: '', createdBy: 'Tao', changedAt: '' },
  });
const device = {
  ...{
    id: 'mall.p-1',
    online: true,
    lastSeenAt: null,
    place: null,
    agent: '0.1.0',
    running: null,
    wanted: null,
  },
  ...{ drift: 'unsaid', certificateEndsAt: null },
};

/** A page over answers by path. */
function desk(answers: Readonly<Record<string, { status?: number; body: unknown }>>) {
  const asked: string[] = [];
  const fetch = async (url: string, { method }: RequestInit) => {
    const path = url.replace('/api/v1/', '');
    asked.push(`${method} ${path}`);
    const { status = 200, body } = answers[path] ?? { status: 404, body: {} };
    return new Response(JSON.stringify(body), { status });
  };
  return { asked, desk: new FleetDesk(new ApiClient({ fetch, clock: new ManualClock() })) };
}

t.test('the page reads devices and the newest roll-outs, and stops a roll-out', async (t) => {
  const items = [7, 6, 5, 4, 3, 2, 1].map((id) => rollout(id, 'running'));
  const { desk: fleet, asked } = desk({
    fleet: { body: { items: [device] } },
    rollouts: { body: { items } },
    'rollouts/7/pause': { body: rollout(7, 'paused') },
  });
  const news = await fleet.read();
  t.match(news, { ok: true, devices: [{ id: 'mall.p-1' }] });
  t.same(news.ok && news.rollouts.map(({ id }) => id), [7, 6, 5, 4, 3]);
  t.equal(await fleet.move(7, 'pause'), null);
  t.same(asked.slice(-1), ['POST rollouts/7/pause']);
});

t.test('why something could not be done is shown', async (t) => {
  const problem = { type: 'x', title: 'No', status: 403, code: 'WP3353', detail: 'provision as dispatcher' };
  const { desk: fleet } = desk({
    'rollouts/7/abort': { status: 403, body: problem },
    fleet: { status: 500, body: {} },
  });
  t.equal(await fleet.move(7, 'abort'), 'WP3353 provision as dispatcher');
  t.match(await fleet.read(), { ok: false });
});

t.test('what can be done follows from its state', async (t) => {
  const steps = ROLLOUT_STATES.map((state) => [state, stepsOf(rollout(1, state)).join(' ')]);
  t.same(Object.fromEntries(steps), {
    ...{ running: 'pause abort', paused: 'resume abort', halted: 'resume abort' },
    ...{ aborted: '', finished: '' },
  });
});

for (const language of ['en', 'zh-CN'] as const) {
  t.test(`every state and every drift has words (${language})`, async (t) => {
    const words = wordsIn(language);
    for (const drift of DRIFTS) t.not(words.term('drift', drift), drift, drift);
    for (const state of ROLLOUT_STATES)
      t.ok(words.t(`rollout-state.${state}`) !== `rollout-state.${state}`, state);
  });
}
