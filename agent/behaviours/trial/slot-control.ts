import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { Installer, InstallOutcome, InstallRefusal } from '#agent/ports/installation.ts';
import type { SlotDesk } from '#agent/ports/slots.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface SlotControlParts {
  readonly desk: SlotDesk;
  readonly installer: Installer;
  /** Where `fetch-bundle` leaves bundles. */
  readonly inbox: string;
  readonly mayRestart: () => boolean;
  readonly restart: () => void;
  readonly report: (finding: { state: 'degraded'; code: ErrorCode; detail?: string }) => void;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** An answer has its time to go out; what has not is sent after the start. */
const RESTART_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 500;

/** Installs and goes back at the site's word, and what lies in the inbox; the device restarts when nobody waits for help. */
export class SlotControl {
  readonly #parts: SlotControlParts;
  #stops: Cancel[] = [];

  constructor(parts: SlotControlParts) {
    this.#parts = parts;
  }

  /** The command. Rejects with what the bundle was refused for. */
  async install({ blob, sha256 }: { blob: string; sha256: string }): Promise<Record<string, unknown>> {
    const file = join(this.#parts.inbox, `${blob}.wpb`);
    const outcome = await this.take([file], sha256);
    const { generation } = outcome;
    if (outcome.ok) return { slot: outcome.slot, generation };
    throw new WatchpostError(codeOf(outcome), { detail: outcome.detail });
  }

  async rollback(): Promise<Record<string, unknown>> {
    const back = await this.#parts.desk.fallBack();
    this.#parts.log.info(back, 'slots.fallen-back');
    this.#restartSoon();
    return back;
  }

  /** Installs the newest of some files; what is refused is told as an event and by the health of the device. */
  async take(files: readonly string[], sha256: string | null = null): Promise<InstallOutcome> {
    const { installer, recorder, report, desk, log } = this.#parts;
    if (desk.isLeaving) return refusedWhileLeaving(files);
    const outcome = await installer.install({ files, sha256 });
    if (outcome.ok) {
      await this.#forget(outcome.file);
      if (outcome.reports.length > 0) log.warn({ code: 'WP4107', reports: outcome.reports }, 'slots.expired');
      if (outcome.state === 'trial') this.#restartSoon();
      return outcome;
    }
    const { generation, code, phase, detail } = outcome;
    // A second order during a trial or while a laptop writes says nothing about the bundle.
    if (code === 'WP4203' || code === 'WP4210') return outcome;
    report({ state: 'degraded', code: codeOf(outcome), detail });
    const backTo = desk.running.generation;
    recorder.recordEvent('wp.profile.rejected.v1', { generation, code, phase, backTo, detail });
    return outcome;
  }

  /** Idempotent. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Only what lies in the inbox of the device itself; what came by a stick is its owner's. */
  async #forget(file: string): Promise<void> {
    const { inbox, log } = this.#parts;
    if (!file.startsWith(`${inbox}/`)) return;
    await rm(file, { force: true }).catch((cause) => log.warn({ file, err: cause }, 'slots.not-removed'));
  }

  #restartSoon(): void {
    const { clock, mayRestart, restart } = this.#parts;
    if (this.#stops.length > 0) return;
    const tryIt = () => {
      if (!mayRestart()) return;
      this.close();
      restart();
    };
    this.#stops = [
      clock.after(RESTART_AFTER_MS, () => {
        this.#stops.push(clock.every(LOOK_EVERY_MS, tryIt));
        tryIt();
      }),
    ];
  }
}

/** While somebody calls for help the device speaks from the slot that it leaves, which is the idle one already. */
const refusedWhileLeaving = ([file = '']: readonly string[]): InstallRefusal => ({
  ...{ ok: false, file, generation: null, code: 'WP4203', phase: 'verify' },
  detail: 'the device goes back to the other slot first',
});

const codeOf = ({ code }: InstallRefusal): ErrorCode => (isErrorCode(code) ? code : 'WP4219');
