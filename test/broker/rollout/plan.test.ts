import t from 'tap';
import { planRollout } from '#broker/rollout/plan.ts';
import type { BundleItem } from '#contract/fleet.ts';

const bundleFor = (device: string): BundleItem => ({
  ...{ sha256: device.padEnd(64, '0'), digest: 'd', device, generation: 2, agent: '*', bytes: 1 },
  ...{ expiresAt: '', uploadedAt: '', uploadedBy: '' },
});
const bundles = ['c', 'a', 'e', 'b', 'd'].map((name) => bundleFor(`mall.${name}`));

/** Names by stage. */
function stagesOf(plan: ReturnType<typeof planRollout>): string[] {
  const most = Math.max(...plan.map(({ stage }) => stage));
  return Array.from({ length: most + 1 }, (_none, stage) =>
    plan
      .filter((member) => member.stage === stage)
      .map(({ device }) => device.slice(5))
      .join(''),
  );
}

t.test('canaries come first, then the others by name, up to each percentage', async (t) => {
  t.same(stagesOf(planRollout({ canary: 1, percent: [50, 100] }, bundles)), ['a', 'bc', 'de']);
  t.same(stagesOf(planRollout({ canary: 2, percent: [100] }, bundles)), ['ab', 'cde']);
  t.same(stagesOf(planRollout({ canary: ['mall.e'], percent: [60] }, bundles)), ['e', 'ab', 'cd']);
  t.same(stagesOf(planRollout({ canary: ['mall.d', 'mall.b'], percent: [] }, bundles)), ['db', 'ace']);
});

t.test('a percentage that adds nobody is no stage, and all are the last', async (t) => {
  t.same(stagesOf(planRollout({ canary: 1, percent: [1, 10, 20, 21] }, bundles)), ['a', 'b', 'cde']);
  t.same(stagesOf(planRollout({ canary: 9, percent: [10] }, bundles)), ['abcde']);
});

t.test('whatever the order in which bundles are named, the plan is the same', async (t) => {
  const one = planRollout({ canary: 1, percent: [50] }, bundles);
  t.same(planRollout({ canary: 1, percent: [50] }, [...bundles].reverse()), one);
});

t.test('two bundles for one device are refused, and a canary that has none', async (t) => {
  const twice = [...bundles, bundleFor('mall.a')];
  t.throws(() => planRollout({ canary: 1, percent: [] }, twice), { code: 'WP3708', message: /mall\.a/ });
  t.throws(() => planRollout({ canary: ['mall.x'], percent: [] }, bundles), { code: 'WP3708' });
});
