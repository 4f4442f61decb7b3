import type { RolloutItem, RolloutMember } from '#contract/fleet.ts';
import type { Member, Rollout } from './rollout-rows.ts';

/** What the rows do not have. */
export interface RolloutSizes {
  readonly bytesOf: (sha256: string) => number;
  /** How much of it the device has. */
  readonly sentOf: (member: Member) => number;
}

/** A roll-out as the API tells it. */
export function rolloutItem(rollout: Rollout, members: readonly Member[], sizes: RolloutSizes): RolloutItem {
  const { stageAt: _stageAt, forgiven: _forgiven, ...told } = rollout;
  return { ...told, members: members.map((member) => memberItem(member, sizes)) };
}

function memberItem(member: Member, { bytesOf, sentOf }: RolloutSizes): RolloutMember {
  const { id: device, sha256, generation, stage, state, code, detail, changedAt } = member;
  const bytes = bytesOf(sha256);
  const isSent = !['waiting', 'sending', 'withdrawn', 'failed'].includes(state);
  const sentBytes = isSent ? bytes : sentOf(member);
  return { device, sha256, generation, stage, state, code, detail, sentBytes, bytes, changedAt };
}
