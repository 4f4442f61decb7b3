import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { Run, Step } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { insertRun, openRuns, readRun, type StoredRun, updateRun } from './run-rows.ts';

/** The runs as they are now: open ones in memory and on disk, ended ones on disk; and who waits for a change. */
export class RunBook {
  readonly #db: GroupCommit;
  readonly #clock: Clock;
  readonly #open = new Map<string, StoredRun>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(db: GroupCommit, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** After a start of the site: what was under way is open again. */
  async start(): Promise<void> {
    for (const stored of openRuns(this.#db.sql)) {
      this.#open.set(stored.run.id, { ...stored });
      if (stored.run.steps.every(({ state }) => state !== 'running')) continue;
      await this.change(stored.run.id, (run) => ({ ...run, steps: run.steps.map(interrupted) }));
    }
  }

  async add(address: DeviceAddress, run: Run): Promise<void> {
    const stored: StoredRun = { address, run, certificate: null, row: 0 };
    this.#open.set(run.id, stored);
    try {
      await this.#db.commit((sql) => insertRun(sql, address, run));
    } catch (error) {
      this.#open.delete(run.id);
      throw error;
    }
  }

  openOf({ site, device }: DeviceAddress): Run | null {
    const found = [...this.#open.values()].find(
      ({ address }) => address.site === site && address.device === device,
    );
    return found?.run ?? null;
  }

  /** Throws WP4501. */
  get(id: string): StoredRun {
    const stored = this.#open.get(id) ?? readRun(this.#db.sql, id);
    if (stored === null) throw new WatchpostError('WP4501', { detail: id });
    return stored;
  }

  /** Throws WP4501, or WP4509 where it has ended. */
  getOpen(id: string): StoredRun {
    const stored = this.get(id);
    if (stored.run.state !== 'open') throw new WatchpostError('WP4509', { detail: id });
    return stored;
  }

  /** Throws WP4505. */
  step(id: string, stepId: string): Step {
    const step = this.getOpen(id).run.steps.find((each) => each.id === stepId);
    if (step === undefined) throw new WatchpostError('WP4505', { detail: stepId });
    return step;
  }

  /** Resolves when it is on the disk, with the run as it is then. */
  async change(id: string, edit: (run: Run) => Run, certificate: string | null = null): Promise<Run> {
    const stored = this.getOpen(id);
    const run: Run = { ...edit(stored.run), rev: stored.run.rev + 1 };
    this.#open.set(id, { ...stored, run });
    try {
      await this.#db.commit((sql) => updateRun(sql, run, certificate));
    } catch (error) {
      // As it is on the disk: a run whose end was not noted would keep its device for ever.
      if (this.#open.get(id)?.run === run) this.#open.set(id, stored);
      throw error;
    }
    if (run.state !== 'open') this.#open.delete(id);
    for (const tell of this.#waiting.get(id) ?? []) tell();
    return run;
  }

  changeStep(id: string, stepId: string, edit: (step: Step) => Step): Promise<Run> {
    return this.change(id, (run) => ({
      ...run,
      steps: run.steps.map((step) => (step.id === stepId ? edit(step) : step)),
    }));
  }

  /** Resolves with the run as soon as it is newer than `rev`, or after `waitMs` as it is. Rejects with WP4501. */
  async newerThan(id: string, rev: number, waitMs: number): Promise<Run> {
    const now = this.get(id).run;
    if (now.rev > rev || now.state !== 'open' || waitMs === 0) return now;
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      const end = () => {
        cancel();
        waiting.delete(end);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve();
      };
      const cancel = this.#clock.after(waitMs, end);
      this.#waiting.set(id, waiting.add(end));
    });
    return this.get(id).run;
  }

  /** Whoever waits is answered now. */
  close(): void {
    for (const waiting of this.#waiting.values()) for (const tell of [...waiting]) tell();
  }
}

const interrupted = (step: Step): Step =>
  step.state === 'running' ? { ...step, state: 'open', prompt: null, code: 'WP4516', detail: null } : step;
