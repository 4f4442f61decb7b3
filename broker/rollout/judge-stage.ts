import type { MemberState, RolloutRules } from '#contract/fleet.ts';

/** What is known of one device of a roll-out when it is judged. */
export interface JudgedMember {
  readonly device: string;
  readonly stage: number;
  readonly state: MemberState;
  readonly code: string | null;
  readonly online: boolean;
}

export interface JudgedRollout {
  readonly stage: number;
  readonly stages: number;
  readonly stageAtMs: number;
  /** Since when all of the stage are done; null while they are not. */
  readonly soakAtMs: number | null;
  readonly forgiven: number;
  readonly rules: RolloutRules;
}

export type Decision =
  | { readonly kind: 'wait' | 'soak' | 'unsoak' | 'next' | 'finish' }
  | { readonly kind: 'halt'; readonly reason: string; readonly by: JudgedMember };

const HOUR_MS = 3_600_000;
/** A share of fewer says nothing. */
const LEAST_FOR_A_SHARE = 5;
const UNDER_WAY: readonly MemberState[] = ['sending', 'installing', 'trial'];

export const isFailure = (state: MemberState): boolean => state === 'rejected' || state === 'failed';
export const isGood = (state: MemberState): boolean => state === 'confirmed' || state === 'skipped';
export const isUnderWay = (state: MemberState): boolean => UNDER_WAY.includes(state);

/** What a running roll-out does next; pure. Failures come first: nothing goes on in the moment in which it should halt. */
export function judgeStage(
  rollout: JudgedRollout,
  members: readonly JudgedMember[],
  nowMs: number,
): Decision {
  const halt = haltOf(rollout, members);
  if (halt !== null) return halt;
  const begun = members.filter(({ stage }) => stage <= rollout.stage);
  const isLast = rollout.stage >= rollout.stages - 1;
  if (isLast && begun.every(({ state }) => isGood(state) || isFailure(state))) return { kind: 'finish' };
  if (isLast) return { kind: 'wait' };
  if (!isStageDone(rollout, begun, nowMs)) return { kind: rollout.soakAtMs === null ? 'wait' : 'unsoak' };
  if (rollout.soakAtMs === null) return { kind: 'soak' };
  return { kind: nowMs - rollout.soakAtMs >= rollout.rules.soakS * 1000 ? 'next' : 'wait' };
}

function haltOf({ rules, forgiven }: JudgedRollout, members: readonly JudgedMember[]): Decision | null {
  const failed = members.filter(({ state }) => isFailure(state));
  const by = failed.at(-1);
  if (by === undefined || failed.length <= forgiven) return null;
  const decided = failed.length + members.filter(({ state }) => state === 'confirmed').length;
  const fresh = failed.length - forgiven;
  if (fresh >= rules.haltOn) return { kind: 'halt', by, reason: `${fresh} failed` };
  const percent = (100 * failed.length) / decided;
  if (rules.haltPercent === null || decided < LEAST_FOR_A_SHARE || percent < rules.haltPercent) return null;
  return { kind: 'halt', by, reason: `${failed.length} of ${decided} failed` };
}

/** All are done; behind the first stage those that were away for too long are not waited for. One at least is well. */
function isStageDone(
  { stage, stageAtMs, rules }: JudgedRollout,
  begun: readonly JudgedMember[],
  nowMs: number,
): boolean {
  const isForgone = (member: JudgedMember) =>
    stage > 0 &&
    member.stage > 0 &&
    member.state === 'waiting' &&
    !member.online &&
    nowMs - stageAtMs >= rules.awayH * HOUR_MS;
  const own = begun.filter((member) => member.stage === stage);
  const isDone = (member: JudgedMember) =>
    isGood(member.state) || isFailure(member.state) || isForgone(member);
  return begun.every(isDone) && own.some(({ state }) => isGood(state));
}
