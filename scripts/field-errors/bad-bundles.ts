import { installBundle } from '#agent/installer/install-bundle.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { systemClock } from '#contract/clock.ts';
import { CARD } from '#contract/device-card.ts';
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

/** Installs a bundle on the card and confirms it, as the device does after its trial. */
export async function confirmOn(stage: Stage, bundle: string): Promise<void> {
  const clock = { quality: 'synced', nowMs: systemClock.wallMs() } as const;
  await installBundle(stage.path('card'), stage.path(bundle), { agent: null, clock, who: 'a technician' });
  const store = new SlotStore(new FileDisk(stage.path(`card/${CARD.slots}`)));
  await store.start();
  await store.confirm();
}
