import { join } from 'node:path';
import type { RunningBundle, SlotDesk, TrialFacts } from '#agent/ports/slots.ts';
import type { BundlePart } from '#contract/bundle/manifest.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { FileDisk } from './file-disk.ts';
import { withSlotLock } from './slot-lock.ts';
import { SlotStore, type StartedSlot } from './slot-store.ts';
import { otherThan, type SlotState } from './superblock.ts';
import type { TrialStart } from './transitions.ts';

/** A rotten prompt is no reason to leave a button unarmed: the rest is looked at afterwards (docs/slots.md). */
const isNeededToArm = ({ name }: BundlePart): boolean => name === PROFILE_PART;

/** What a start found on a card. */
export interface CardRun {
  readonly desk: SlotDesk;
  /** Folder in which the parts lie. */
  readonly contentDir: string;
  /** Why it is not what was to be started: WP4204, WP4205, WP4209, WP4214; with what was given up. */
  readonly problem: WatchpostError | null;
}

const WHO = 'agent';

/** The slots of a device in their folder. */
export class CardSlots {
  readonly #dir: string;
  readonly #store: SlotStore;

  constructor(dir: string) {
    this.#dir = dir;
    this.#store = new SlotStore(new FileDisk(dir));
  }

  /** Whether there is anything to start. Rejects with WP4201. */
  async isEmpty(): Promise<boolean> {
    const { confirmed, trial } = await this.#store.state();
    return confirmed === null && trial === null;
  }

  /**
   * Chooses the slot of this start. A trial is counted under the lock; what is confirmed waits for nobody.
   * Null where nothing may run. Rejects with WP4201.
   */
  async start(start: TrialStart): Promise<CardRun | null> {
    const { trial } = await this.#store.state();
    const run = () => this.#store.start(start, isNeededToArm);
    const started = trial === null ? await run() : await this.#alone(run);
    return started === null ? null : this.#describe(started);
  }

  /**
   * Where nothing was ever confirmed: what is on trial gives way to what ran before it; false where nothing did. Rejects with
   * WP4210.
   */
  async giveWay(code: ErrorCode): Promise<boolean> {
    const { confirmed, trial, slots } = await this.#store.state();
    if (confirmed !== null || trial === null || slots[otherThan(trial.slot)] === null) return false;
    await this.#alone(() => this.#store.reject(code));
    return true;
  }

  async #describe(started: StartedSlot): Promise<CardRun> {
    const state = await this.#store.state();
    return {
      desk: new StartedDesk({ started, state, store: this.#store, alone: (use) => this.#alone(use) }),
      contentDir: join(this.#dir, started.folder),
      problem: started.problem,
    };
  }

  #alone<T>(use: () => Promise<T>): Promise<T> {
    return withSlotLock(this.#dir, WHO, use);
  }
}

interface DeskParts {
  readonly started: StartedSlot;
  readonly state: SlotState;
  readonly store: SlotStore;
  readonly alone: <T>(use: () => Promise<T>) => Promise<T>;
}

class StartedDesk implements SlotDesk {
  readonly #parts: DeskParts;
  readonly agent: string;
  readonly hasVoice: boolean;
  lastRejection: string | null;
  running: RunningBundle;
  trial: TrialFacts | null;
  isLeaving = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { started, state } = parts;
    const { generation, digest } = started.manifest;
    this.running = {
      ...{ generation, digest, slot: started.slot },
      state: started.trial ? 'trial' : 'confirmed',
      last: lastOf(state),
    };
    this.agent = started.manifest.agent;
    this.hasVoice = started.manifest.parts.some(({ name }) => name.startsWith('voice/'));
    this.lastRejection = markOf(state);
    const backTo = state.confirmed === null ? null : (state.slots[state.confirmed]?.generation ?? null);
    this.trial = started.trial ? { backTo, sinceMs: state.trial?.since?.ms ?? 0 } : null;
  }

  async damaged(): Promise<readonly string[]> {
    return (await this.#parts.store.damaged(this.#parts.started)).map(({ name }) => name);
  }

  async confirm(): Promise<void> {
    const { store, alone } = this.#parts;
    await alone(() => store.confirm());
    this.trial = null;
    this.running = { ...this.running, state: 'confirmed', last: null };
  }

  async reject(code: ErrorCode): Promise<void> {
    const { store, alone } = this.#parts;
    const isFirst = this.trial?.backTo === null;
    await alone(() => (isFirst ? store.notPassed(code) : store.reject(code)));
    const state = await store.state();
    this.isLeaving = !isFirst;
    this.lastRejection = markOf(state);
    this.running = { ...this.running, last: lastOf(state) };
  }

  async fallBack(): Promise<{ slot: 'a' | 'b'; generation: number }> {
    const { store, alone } = this.#parts;
    // Two technicians, or an order that came twice: going back from going back would be here again.
    if (!this.isLeaving) await alone(() => store.fallBack());
    this.isLeaving = true;
    const { confirmed, slots } = await store.state();
    const entry = confirmed === null ? null : slots[confirmed];
    if (confirmed === null || entry === null) throw new WatchpostError('WP4206');
    return { slot: confirmed, generation: entry.generation };
  }
}

/** Which state it was noted in is nobody's business at the site. */
function lastOf({ last }: SlotState): RunningBundle['last'] {
  return last === null ? null : { generation: last.generation, code: last.code };
}

const markOf = ({ last }: SlotState): string | null => (last === null ? null : JSON.stringify(last));
