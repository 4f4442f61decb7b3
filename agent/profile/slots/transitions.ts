import type { Floor } from '#contract/bundle/manifest.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { otherThan, type Slot, type SlotState } from './superblock.ts';

/** Starts of a trial, each counted before it runs; the one after them goes back to what is confirmed. */
export const MAX_TRIAL_STARTS = 3;

/** Where the next bundle goes: never over what is confirmed, nor over what runs because nothing is confirmed yet. */
export function idleSlot({ confirmed, trial }: SlotState): Slot {
  const inUse = confirmed ?? trial?.slot ?? null;
  return inUse === null ? 'a' : otherThan(inUse);
}

/** A first bundle that does not pass runs on, for there is nothing else; the next one may come while it does. */
function refuseDuringTrial({ trial, confirmed }: SlotState): void {
  if (trial !== null && confirmed !== null) throw new WatchpostError('WP4203');
}

/** Nothing runs from a slot that is being written. Throws WP4203 during a trial. */
export function cleared(state: SlotState): SlotState {
  refuseDuringTrial(state);
  return withSlot(state, idleSlot(state), null);
}

/** The content is on the medium and was read back from it. */
export const filled = (state: SlotState, { generation, digest }: Floor): SlotState =>
  withSlot(state, idleSlot(state), { generation, digest, proven: false });

/** From the next start on. Throws WP4203 during a trial, WP4208 where the idle slot has nothing to try. */
export function onTrial(state: SlotState): SlotState {
  refuseDuringTrial(state);
  const slot = idleSlot(state);
  if (state.slots[slot] === null) throw new WatchpostError('WP4208');
  return { ...state, trial: { slot, starts: 0 } };
}

/** One start more; null when there were enough, or there is no trial. */
export function counted(state: SlotState): SlotState | null {
  const { trial } = state;
  if (trial === null || trial.starts >= MAX_TRIAL_STARTS) return null;
  return { ...state, trial: { ...trial, starts: trial.starts + 1 } };
}

/** The trial was passed. Throws WP4208 where there is none, or it was never started. */
export function confirmed(state: SlotState): SlotState {
  const { trial, floor } = state;
  const entry = trial === null ? null : state.slots[trial.slot];
  if (trial === null || entry === null || trial.starts === 0) throw new WatchpostError('WP4208');
  const { generation, digest } = entry;
  const risen = floor === null || generation >= floor.generation ? { generation, digest } : floor;
  return {
    ...withSlot(state, trial.slot, { ...entry, proven: true }),
    ...{ confirmed: trial.slot, floor: risen, trial: null, last: null },
  };
}

/** The trial was not passed: what is confirmed runs, and what was tried never again. Throws WP4208 without a trial. */
export function rejected(state: SlotState, code: ErrorCode): SlotState {
  const { trial } = state;
  if (trial === null) throw new WatchpostError('WP4208');
  const entry = state.slots[trial.slot];
  const last = entry === null ? state.last : { generation: entry.generation, code };
  return { ...withSlot(state, trial.slot, null), trial: null, last };
}

/**
 * Back to the one confirmed before: no installation, so its generation may be below the floor, which stays.
 * Throws WP4203 during a trial, WP4206 where the other slot was never confirmed.
 */
export function fallenBack(state: SlotState): SlotState {
  if (state.trial !== null) throw new WatchpostError('WP4203');
  const slot = idleSlot(state);
  if (state.slots[slot]?.proven !== true) throw new WatchpostError('WP4206');
  return { ...state, confirmed: slot };
}

/** What is confirmed is damaged: the other one takes its place. Throws WP4206 where there is none. */
export function replaced(state: SlotState, code: ErrorCode): SlotState {
  const damaged = state.confirmed;
  const entry = damaged === null ? null : state.slots[damaged];
  if (damaged === null || entry === null) throw new WatchpostError('WP4206');
  const next = withSlot(fallenBack({ ...state, trial: null }), damaged, null);
  return { ...next, last: { generation: entry.generation, code } };
}

const withSlot = (state: SlotState, slot: Slot, entry: SlotState['slots'][Slot]): SlotState => ({
  ...state,
  slots: { ...state.slots, [slot]: entry },
});
