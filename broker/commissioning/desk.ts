import { createHash } from 'node:crypto';
import type { KnownDevice } from '#broker/incidents/ports.ts';
import { REHEARSED_S } from '#broker/incidents/test-mode.ts';
import { headOf } from '#broker/persistence/ledger/audit-log.ts';
import {
  type AnswerBody,
  type Doer,
  type EndBody,
  type ReasonBody,
  type Run,
  resultOf,
  type StepPicture,
} from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { certificateOf } from './certificate.ts';
import { planSteps } from './plan.ts';
import type { CommissioningParts } from './ports.ts';
import { RunBook } from './run-book.ts';
import { listRuns, openCalls, type StoredRun } from './run-rows.ts';
import { scriptsOf } from './scripts.ts';
import { Stepper } from './stepper.ts';
import type { KnownCertificate } from './steps/facts.ts';
import { TestHold } from './test-hold.ts';

/** Accepts devices, step by step, with a person at each of them; signs what was found (docs/commissioning.md). */
export class CommissioningDesk {
  readonly #parts: CommissioningParts;
  readonly #book: RunBook;
  readonly #hold: TestHold;
  readonly #stepper: Stepper;
  /** Runs that are being ended: a step that begins meanwhile would put the device in test mode again, with nobody there. */
  readonly #ending = new Set<string>();

  constructor(parts: CommissioningParts) {
    const { db, clock, testModes, pictures } = parts;
    this.#parts = parts;
    this.#book = new RunBook(db, clock);
    this.#hold = new TestHold(parts);
    this.#stepper = new Stepper({
      ...{ ...parts, book: this.#book, hold: this.#hold },
      scripts: scriptsOf({
        pictures,
        certificateOf: (address) => this.#certificateOf(address),
        rehearsals: { begin: (address) => testModes.rehearse(address), intervalS: REHEARSED_S },
      }),
    });
  }

  /** After a start of the site: steps that were under way are to be done again. */
  start(): Promise<void> {
    return this.#book.start();
  }

  /** Ends what runs; who waits is answered. Idempotent. */
  async close(): Promise<void> {
    await this.#stepper.close();
    this.#book.close();
  }

  /**
   * Begins a run, with the device in test mode from here on. Rejects with WP3404, WP3405 (not connected), WP4502 (there is
   * one), WP4503 (a real call is open) or WP4514.
   */
  async begin(address: DeviceAddress, by: Doer): Promise<Run> {
    const { db, clock, audit } = this.#parts;
    const device = this.#device(address);
    this.#requireFree(device);
    const startedAt = this.#now();
    const run: Run = {
      ...{ id: uuidv7(clock), device: clientIdOf(address), rev: 1, state: 'open', startedAt, startedBy: by },
      ...{
        endedAt: null,
        endedBy: null,
        testUntil: null,
        steps: planSteps(device),
        result: null,
        remark: null,
      },
    };
    await this.#book.add(address, run);
    try {
      const testUntil = await this.#hold.ensure(address, by.account);
      await audit.record(db, {
        ...{ who: by.account, action: 'commissioning.started', subject: run.device },
        detail: { run: run.id, name: by.name },
      });
      return await this.#book.change(run.id, (before) => ({ ...before, testUntil }));
    } catch (error) {
      await this.#end(run.id, 'abandoned', by, null);
      throw error;
    }
  }

  /** Newest first. */
  list(query: { device: DeviceAddress | null; before: number; limit: number }): StoredRun[] {
    return listRuns(this.#parts.db.sql, query);
  }

  /** Rejects with WP4501. */
  get(id: string): StoredRun {
    return this.#book.get(id);
  }

  /** As soon as it is another than `rev`, or after `waitMs` as it is. Rejects with WP4501. */
  newerThan(id: string, rev: number, waitMs: number): Promise<Run> {
    return this.#book.newerThan(id, rev, waitMs);
  }

  /** Rejects with WP4501, WP4504, WP4505 or WP4509. */
  async beginStep(id: string, stepId: string, by: Doer): Promise<Run> {
    this.#requireStaying(id);
    await this.#stepper.begin(id, stepId, by);
    return this.get(id).run;
  }

  /** Rejects with WP4506 where nothing is asked. */
  async answer(id: string, stepId: string, body: AnswerBody, by: Doer): Promise<Run> {
    this.#book.step(id, stepId);
    this.#stepper.answer(id, stepId, body);
    return this.#book.changeStep(id, stepId, (step) => ({ ...step, by, at: this.#now() }));
  }

  /** What runs is open again. */
  async stop(id: string): Promise<Run> {
    this.#book.getOpen(id);
    await this.#stepper.stop(id);
    return this.get(id).run;
  }

  /** `skip`: was not done. `accept`: has failed. Rejects with WP4506 where the step is at another state. */
  async except(
    { id, stepId, how }: { id: string; stepId: string; how: 'skip' | 'accept' },
    { reason }: ReasonBody,
    by: Doer,
  ): Promise<Run> {
    const { db, audit } = this.#parts;
    this.#requireStaying(id);
    const { state } = this.#book.step(id, stepId);
    const fits = how === 'accept' ? state === 'failed' : state === 'open' || state === 'failed';
    if (!fits) throw new WatchpostError('WP4506', { detail: `${stepId} is ${state}` });
    const to = how === 'accept' ? 'accepted' : 'skipped';
    await audit.record(db, {
      ...{ who: by.account, action: `commissioning.step-${to}`, subject: this.get(id).run.device },
      detail: { run: id, step: stepId, name: by.name, reason },
    });
    return this.#book.changeStep(id, stepId, (step) => ({ ...step, state: to, reason, by, at: this.#now() }));
  }

  /** Signs what was found, whatever it is, and ends test mode. Rejects with WP4504, WP4509 or WP4523. */
  finish(id: string, { remark = null }: { remark?: string | null | undefined }, by: Doer): Promise<Run> {
    return this.#alone(id, () => this.#finish(id, remark, by));
  }

  async #finish(id: string, remark: string | null, by: Doer): Promise<Run> {
    const { db, audit, signer, version } = this.#parts;
    const { run, address } = this.#book.getOpen(id);
    this.#stepper.requireIdle(id);
    await this.#rest(address, by);
    const signed = await signer.sign(
      certificateOf(run, {
        ...{ device: this.#device(address), certificate: this.#certificateOf(address), version, remark },
        ...{ finishedAt: this.#now(), finishedBy: by, audit: headOf(db.sql) },
      }),
    );
    const file = `${JSON.stringify(signed, null, 2)}\n`;
    const sha256 = createHash('sha256').update(file).digest('hex');
    await audit.record(db, {
      ...{ who: by.account, action: 'commissioning.finished', subject: run.device },
      detail: { run: id, name: by.name, result: signed.certificate.result, sha256 },
    });
    return this.#end(id, 'finished', by, file, remark);
  }

  /** Ends a run without a certificate. */
  abandon(id: string, { remark = null }: Pick<EndBody, 'remark'> | { remark: null }, by: Doer): Promise<Run> {
    return this.#alone(id, () => this.#abandon(id, remark, by));
  }

  async #abandon(id: string, remark: string | null, by: Doer): Promise<Run> {
    const { db, audit } = this.#parts;
    const { run, address } = this.#book.getOpen(id);
    await this.#stepper.stop(id);
    await this.#rest(address, by);
    await audit.record(db, {
      ...{ who: by.account, action: 'commissioning.abandoned', subject: run.device },
      detail: { run: id, name: by.name },
    });
    return this.#end(id, 'abandoned', by, null, remark);
  }

  /** One end of a run at a time, and nothing begins meanwhile. What is wrong rejects, also what is found at once. */
  async #alone(id: string, end: () => Promise<Run>): Promise<Run> {
    this.#requireStaying(id);
    this.#ending.add(id);
    try {
      return await end();
    } finally {
      this.#ending.delete(id);
    }
  }

  /** Throws WP4509 where it is being ended. */
  #requireStaying(id: string): void {
    if (this.#ending.has(id)) throw new WatchpostError('WP4509', { detail: `${id} is being ended` });
  }

  /** SHA-256 of the key that signs, hexadecimal digits. Throws WP4523. */
  fingerprint(): string {
    return this.#parts.signer.fingerprint();
  }

  /** Whether the picture was taken by this run; null where it was not. */
  picture(id: string, blobId: string): StepPicture | null {
    const pictures = this.get(id).run.steps.flatMap((step) => step.pictures);
    return pictures.find((picture) => picture.blobId === blobId) ?? null;
  }

  async #rest(address: DeviceAddress, { account }: Doer): Promise<void> {
    await this.#stepper.settle(address, account, null);
    await this.#hold.end(address, account);
  }

  #end(
    id: string,
    state: 'finished' | 'abandoned',
    endedBy: Doer,
    certificate: string | null,
    remark: string | null = null,
  ): Promise<Run> {
    const endedAt = this.#now();
    return this.#book.change(
      id,
      (run) => ({
        ...{ ...run, state, endedAt, endedBy, remark, testUntil: null },
        result: state === 'finished' ? resultOf(run.steps) : null,
      }),
      certificate,
    );
  }

  #requireFree(device: KnownDevice): void {
    const name = clientIdOf(device);
    if (!device.online) throw new WatchpostError('WP3405', { detail: name });
    const other = this.#book.openOf(device);
    if (other !== null) {
      const { startedBy, startedAt } = other;
      throw new WatchpostError('WP4502', { detail: `${name}, by ${startedBy.name} since ${startedAt}` });
    }
    if (openCalls(this.#parts.db.sql, device).length > 0)
      throw new WatchpostError('WP4503', { detail: name });
  }

  #certificateOf(address: DeviceAddress): KnownCertificate | null {
    const id = clientIdOf(address);
    const enrolled = this.#parts.enrolments.list().find((each) => each.id === id);
    return enrolled === undefined ? null : { serial: enrolled.serial, expiresAt: enrolled.expiresAt };
  }

  #device(address: DeviceAddress): KnownDevice {
    const device = this.#parts.devices.device(address);
    if (device === null) throw new WatchpostError('WP3404', { detail: clientIdOf(address) });
    return device;
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}
