import { systemClock } from '#contract/clock.ts';
import { makeNextBundle, type NextBundle } from '../site-authority/next-bundle.ts';
import type { Stage } from './stage.ts';

const DAY_MS = 86_400_000;

type Wish = Partial<Pick<NextBundle, 'device' | 'agent' | 'days'>> & {
  readonly site?: 'mall' | 'other';
  readonly madeDaysAgo?: number;
};

/** Leaves `bad.wpb`: the next bundle of the site, with something about it that is not as it should be. */
export async function leaveBundle(stage: Stage, wish: Wish = {}): Promise<void> {
  const { site = 'mall', madeDaysAgo = 0, device = 'pillar-001', agent = '>=0.1.0', days = 365 } = wish;
  await makeNextBundle({
    ...{ device, agent, days, firmware: new Map(), by: 'a technician' },
    siteDir: stage.path(`var/${site}`),
    prepared: stage.path('prepared'),
    out: stage.path('bad.wpb'),
    clock: { ...systemClock, wallMs: () => systemClock.wallMs() - madeDaysAgo * DAY_MS },
  });
}
