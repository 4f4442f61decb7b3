import { WatchpostError } from '#contract/errors.ts';
import type { BundleItem, RolloutBody } from '#contract/fleet.ts';

/** One device of a roll-out, and when it has its turn. */
export interface PlannedMember {
  /** `{site}.{device}` */
  readonly device: string;
  readonly bundle: BundleItem;
  /** From 0. */
  readonly stage: number;
  /** Within the whole roll-out; lower ones have their turn first. */
  readonly position: number;
}

/**
 * Who is in which stage: first the canaries, then by name up to each percentage, all in the last. The same devices give
 * the same plan. Throws WP3708 where two bundles are for one device, or a canary has none.
 */
export function planRollout(
  { canary, percent }: Pick<RolloutBody, 'canary' | 'percent'>,
  bundles: readonly BundleItem[],
): readonly PlannedMember[] {
  const byDevice = new Map(bundles.map((bundle) => [bundle.device, bundle]));
  if (byDevice.size < bundles.length) throw new WatchpostError('WP3708', { detail: twice(bundles) });
  const named = typeof canary === 'number' ? [] : [...new Set(canary)];
  const missing = named.filter((device) => !byDevice.has(device));
  if (missing.length > 0)
    throw new WatchpostError('WP3708', { detail: `no bundle for ${missing.join(', ')}` });
  const others = [...byDevice.keys()].filter((device) => !named.includes(device)).sort();
  const inOrder = [...named, ...others];
  const ends = stageEnds(typeof canary === 'number' ? canary : named.length, percent, inOrder.length);
  return inOrder.flatMap((device, position) => {
    const bundle = byDevice.get(device);
    return bundle === undefined
      ? []
      : [{ device, bundle, position, stage: ends.findIndex((end) => position < end) }];
  });
}

/** How many devices there are in each stage and those before it; stages that add none are left out. */
function stageEnds(canaries: number, percent: readonly number[], total: number): readonly number[] {
  const ends: number[] = [];
  for (const end of [canaries, ...percent.map((share) => Math.ceil((share / 100) * total)), total]) {
    const most = Math.min(end, total);
    if (most > (ends.at(-1) ?? 0)) ends.push(most);
  }
  return ends;
}

function twice(bundles: readonly BundleItem[]): string {
  const seen = new Set<string>();
  const again = bundles.find(({ device }) => seen.size === seen.add(device).size);
  return `two bundles for ${again?.device ?? 'one device'}`;
}
