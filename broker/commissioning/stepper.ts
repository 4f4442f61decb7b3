import type { KnownDevice } from '#broker/incidents/ports.ts';
import type { AnswerBody, Doer, Step } from '#contract/commission/run.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { CommissioningParts } from './ports.ts';
import type { RunBook } from './run-book.ts';
import { openCalls, openTests } from './run-rows.ts';
import type { TestHold } from './test-hold.ts';
import type { StepScript } from './walk.ts';
import { Walk } from './walk.ts';

export interface StepperParts extends CommissioningParts {
  readonly book: RunBook;
  readonly hold: TestHold;
  readonly scripts: Record<Step['kind'], StepScript>;
}

interface Walking {
  readonly stepId: string;
  readonly abort: AbortController;
  answer: PromiseWithResolvers<AnswerBody> | null;
  done: Promise<void>;
}

/** After its incident was resolved a device says so to whoever stands there, before it is at rest. */
const REST_LIMIT_S = 90;

/** Goes through the steps of runs: one at a time of each. */
export class Stepper {
  readonly #parts: StepperParts;
  readonly #walking = new Map<string, Walking>();

  constructor(parts: StepperParts) {
    this.#parts = parts;
  }

  /** Throws WP4504. */
  requireIdle(runId: string): void {
    const walking = this.#walking.get(runId);
    if (walking !== undefined) throw new WatchpostError('WP4504', { detail: walking.stepId });
  }

  /** Resolves when the step has begun. Rejects with WP4501, WP4504, WP4505 or WP4509. */
  async begin(runId: string, stepId: string, doer: Doer): Promise<void> {
    const { book } = this.#parts;
    const step = book.step(runId, stepId);
    this.requireIdle(runId);
    const walking: Walking = { stepId, abort: new AbortController(), answer: null, done: Promise.resolve() };
    this.#walking.set(runId, walking);
    const noted = book.changeStep(runId, stepId, (before) => begun(before, doer, this.#now()));
    // From here on `stop` waits for it. What could not be noted has not begun: else the run could never go on nor end.
    walking.done = noted.then(
      () => this.#go(runId, step, doer, walking),
      () => void this.#walking.delete(runId),
    );
    await noted;
  }

  /** Rejects with WP4506 where nothing is asked. */
  answer(runId: string, stepId: string, body: AnswerBody): void {
    const walking = this.#walking.get(runId);
    if (walking?.stepId !== stepId || walking.answer === null) {
      throw new WatchpostError('WP4506', { detail: stepId });
    }
    walking.answer.resolve(body);
    walking.answer = null;
  }

  /** Resolves when nothing of it runs any more. */
  async stop(runId: string): Promise<void> {
    const walking = this.#walking.get(runId);
    walking?.abort.abort();
    await walking?.done;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#walking.keys()].map((runId) => this.stop(runId)));
  }

  async #go(runId: string, step: Step, doer: Doer, walking: Walking): Promise<void> {
    const { book, log } = this.#parts;
    const walk = this.#walk(runId, step, doer, walking);
    let ended: Partial<Step> = { state: 'passed' };
    try {
      await this.#prepare(runId, step, walk, doer);
      await this.#parts.scripts[step.kind](walk, step.subject ?? '');
    } catch (error) {
      ended = failure(error);
      if (!(error instanceof WatchpostError)) log.error({ error: String(error) }, 'commissioning.step-broke');
    }
    this.#walking.delete(runId);
    try {
      await book.changeStep(runId, step.id, (before) => ({
        ...{ ...before, ...found(walk), prompt: null, at: this.#now() },
        ...ended,
      }));
    } catch (error) {
      log.error({ error: String(error) }, 'commissioning.not-stored');
    }
  }

  /** A quiet device in test mode, unless the step looks at what the one before has left. */
  async #prepare(runId: string, step: Step, walk: Walk, { account }: Doer): Promise<void> {
    const { db, devices, book, hold } = this.#parts;
    const { address } = walk;
    if (devices.device(address)?.online !== true)
      throw new WatchpostError('WP3405', { detail: address.device });
    if (openCalls(db.sql, address).length > 0) throw new WatchpostError('WP4503', { detail: address.device });
    if (step.kind !== 'lamp') await this.settle(address, account, walk);
    const testUntil = await hold.ensure(address, account);
    await book.change(runId, (run) => ({ ...run, testUntil }));
  }

  /** Resolves the tests that are open, and waits for the device to be at rest. */
  async settle(address: DeviceAddress, account: string, walk: Walk | null): Promise<void> {
    const { db, incidents } = this.#parts;
    for (const id of openTests(db.sql, address)) {
      await incidents.act(id, 'resolve', { note: 'commissioning', cause: 'test' }, account);
    }
    const atRest = () => (walk?.device.state?.outputs?.panic ?? 'idle') === 'idle';
    if (walk === null || atRest()) return;
    walk.say('rest');
    await walk.until(atRest, REST_LIMIT_S);
  }

  #walk(runId: string, step: Step, { account }: Doer, walking: Walking): Walk {
    const { book, news, orders, clock, log } = this.#parts;
    const { address } = book.getOpen(runId);
    const store = (edit: (before: Step) => Step) =>
      book
        .changeStep(runId, step.id, edit)
        .catch((error: unknown) => log.error({ error: String(error) }, 'commissioning.not-stored'));
    const walk: Walk = new Walk({
      ...{ address, account, clock, news, orders, signal: walking.abort.signal },
      known: () => this.#known(address),
      prompt: ({ key, args, question, limitS }) => {
        walking.answer = question === null ? null : Promise.withResolvers<AnswerBody>();
        const prompt = { key, args: { ...args }, question, limitS, since: this.#now() };
        void store((before) => ({ ...before, ...found(walk), prompt }));
      },
      answer: () => walking.answer?.promise ?? Promise.reject(new WatchpostError('WP4506')),
      changed: () => void store((before) => ({ ...before, ...found(walk) })),
    });
    return walk;
  }

  #known(address: DeviceAddress): KnownDevice {
    const device = this.#parts.devices.device(address);
    if (device === null) throw new WatchpostError('WP3404', { detail: address.device });
    return device;
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}

const begun = (before: Step, by: Doer, at: string): Step => ({
  ...{ ...before, state: 'running', attempts: before.attempts + 1, by, at },
  ...{ measured: [], facts: [], events: [], pictures: [], code: null, detail: null, reason: null },
  prompt: { key: 'working', args: {}, question: null, since: at, limitS: null },
});

const found = ({ found: { measured, facts, events, pictures } }: Walk): Partial<Step> => ({
  measured: measured.slice(0, 32),
  facts: facts.slice(0, 32),
  events: events.slice(0, 16),
  pictures: pictures.slice(0, 4),
});

/** What is stopped was not found wanting: it is to be done still. */
function failure(error: unknown): Partial<Step> {
  const known = error instanceof WatchpostError && isErrorCode(error.code) ? error : null;
  const code = known?.code ?? 'WP4514';
  const detail = (known === null ? String(error) : (known.detail ?? '')).slice(0, 600);
  return { state: code === 'WP4528' ? 'open' : 'failed', code, detail: detail === '' ? null : detail };
}
