import type { Floor } from '#contract/bundle/manifest.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import {
  MOST_STARTS,
  otherThan,
  type Rejection,
  type Slot,
  type SlotEntry,
  type SlotState,
} from './superblock.ts';

/**
 * One crash is bad luck, two are the bundle's: the same number as for a prepared profile (core/starts/judge-start.ts).
 * That somebody cuts the power is no crash, and a trial outlives it; but a siren that pulls the supply down looks like
 * power cuts, so that the starts of a trial are counted as well, each before it runs.
 */
export const MAX_TRIAL_FAULTS = 2;
export const MAX_TRIAL_STARTS = 8;
/** From the first start of a trial, over restarts. Power cuts begin it anew: without power no clock counts. */
export const TRIAL_WITHIN_MS = 120_000;

/** What is known when a trial is started. */
export interface TrialStart {
  /** The run before ended by a fault of its own. */
  readonly afterFault: boolean;
  /** Of the kernel, and how long it has been running. */
  readonly boot: string;
  readonly sinceBootMs: number;
}

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
  return { ...state, trial: { slot, starts: 0, faults: 0, since: null } };
}

/** A bundle that ran before another took its turn, though nothing was ever confirmed: better than nothing that runs. */
function ranBefore({ trial, confirmed, slots }: SlotState): Slot | null {
  const slot = trial === null || confirmed !== null ? null : otherThan(trial.slot);
  return slot === null || slots[slot] === null ? null : slot;
}

/**
 * Why a trial is not started again, or null. A first bundle is always: there is nothing to go back to. One that has only
 * an unconfirmed one behind it is given up when it crashes, and for nothing else: neither has passed.
 */
export function refusalOf(state: SlotState, start: TrialStart): 'WP4205' | 'WP4214' | null {
  const { trial, confirmed } = state;
  if (trial === null) return null;
  const faults = faultsOf(trial, start);
  if (confirmed === null) return faults >= MAX_TRIAL_FAULTS && ranBefore(state) !== null ? 'WP4205' : null;
  if (faults >= MAX_TRIAL_FAULTS || trial.starts >= MAX_TRIAL_STARTS) return 'WP4205';
  const { since } = trial;
  const isOverdue = since?.boot === start.boot && start.sinceBootMs - since.ms >= TRIAL_WITHIN_MS;
  return isOverdue ? 'WP4214' : null;
}

/** One start more. Throws WP4208 without a trial. */
export function counted(state: SlotState, start: TrialStart): SlotState {
  const { trial } = state;
  if (trial === null) throw new WatchpostError('WP4208');
  const { slot, starts, since } = trial;
  const began = { boot: start.boot, ms: Math.floor(start.sinceBootMs) };
  return {
    ...state,
    trial: {
      slot,
      starts: Math.min(MOST_STARTS, starts + 1),
      faults: faultsOf(trial, start),
      since: since?.boot === start.boot ? since : began,
    },
  };
}

type Trial = NonNullable<SlotState['trial']>;

const faultsOf = ({ starts, faults }: Trial, { afterFault }: TrialStart): number =>
  Math.min(MOST_STARTS, faults + (afterFault && starts > 0 ? 1 : 0));

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

/**
 * The trial was not passed: what is confirmed runs, and what was tried never again. Where nothing is confirmed, what ran before
 * is on trial again. Throws WP4208 without a trial.
 */
export function rejected(state: SlotState, code: ErrorCode): SlotState {
  const { trial } = state;
  if (trial === null) throw new WatchpostError('WP4208');
  const entry = state.slots[trial.slot];
  const last = entry === null ? state.last : noted(state, entry, code);
  const before = ranBefore(state);
  const next = before === null ? null : { slot: before, starts: 0, faults: 0, since: null };
  return { ...withSlot(state, trial.slot, null), trial: next, last };
}

/** A first bundle did not pass: it runs on, for there is nothing to go back to, and that is noted. */
export function notPassed(state: SlotState, code: ErrorCode): SlotState {
  const entry = state.trial === null ? null : state.slots[state.trial.slot];
  if (entry === null) throw new WatchpostError('WP4208');
  return { ...state, last: noted(state, entry, code) };
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
  return { ...next, last: noted(state, entry, code) };
}

const noted = ({ rev }: SlotState, { generation }: SlotEntry, code: ErrorCode): Rejection => ({
  ...{ generation, code },
  rev: rev + 1,
});

const withSlot = (state: SlotState, slot: Slot, entry: SlotState['slots'][Slot]): SlotState => ({
  ...state,
  slots: { ...state.slots, [slot]: entry },
});
