import type { FleetItem, RolloutItem } from '#contract/fleet.ts';
import type { ApiClient } from '../api/client.ts';

/** What devices run, and the roll-outs, as the site has them now; or why that could not be read. */
export type FleetNews =
  | { readonly ok: true; readonly devices: readonly FleetItem[]; readonly rollouts: readonly RolloutItem[] }
  | { readonly ok: false; readonly reason: string };

export type RolloutStep = 'pause' | 'resume' | 'abort';

/** Shown at most: what was long ago is in the command line's list. */
const MOST_ROLLOUTS = 5;

/** Asks the site about its fleet while somebody looks at it: nothing of it is needed to take an alarm. */
export class FleetDesk {
  readonly #client: Pick<ApiClient, 'fleet' | 'rollouts' | 'moveRollout'>;

  constructor(client: Pick<ApiClient, 'fleet' | 'rollouts' | 'moveRollout'>) {
    this.#client = client;
  }

  async read(): Promise<FleetNews> {
    const [devices, rollouts] = await Promise.all([this.#client.fleet(), this.#client.rollouts()]);
    if (!devices.ok) return { ok: false, reason: reasonOf(devices.trouble) };
    if (!rollouts.ok) return { ok: false, reason: reasonOf(rollouts.trouble) };
    return { ok: true, devices: devices.value, rollouts: rollouts.value.slice(0, MOST_ROLLOUTS) };
  }

  /** Null when it was done, and otherwise why it was not. */
  async move(id: number, step: RolloutStep): Promise<string | null> {
    const answer = await this.#client.moveRollout(id, step);
    return answer.ok ? null : reasonOf(answer.trouble);
  }
}

const reasonOf = ({
  kind,
  code,
  detail,
}: {
  readonly kind: string;
  readonly code: string | null;
  readonly detail: string | null;
}): string => [code, detail].filter(Boolean).join(' ') || kind;

/** What may be done with it now. */
export function stepsOf({ state }: RolloutItem): readonly RolloutStep[] {
  if (state === 'running') return ['pause', 'abort'];
  return state === 'paused' || state === 'halted' ? ['resume', 'abort'] : [];
}
