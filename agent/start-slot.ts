import { join } from 'node:path';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { readVersion } from '#contract/version.ts';
import type { SlotDesk } from './ports/slots.ts';
import { type CardRun, CardSlots } from './profile/slots/card-slots.ts';
import { type FoundProfiles, type ProfileSource, readProfile, type StartedAfter } from './start-profile.ts';

export interface CardSourceParts {
  /** Folder of the slots. */
  readonly dir: string;
  /** Installs what waits, on a card on which nothing is installed yet. */
  readonly installFirst: () => Promise<void>;
  readonly log: Log;
}

/** After a trial that this agent cannot begin. */
interface Next {
  readonly again: () => Promise<CardRun | null>;
  readonly giveWay: (code: ErrorCode) => Promise<boolean>;
}

/** The slots of a card: which one runs is decided there, and what crashes on trial is given up there. */
export class CardSource implements ProfileSource {
  readonly #parts: CardSourceParts;

  constructor(parts: CardSourceParts) {
    this.#parts = parts;
  }

  /** Rejects with WP4201 where the slots cannot be read. */
  async find(after: StartedAfter): Promise<FoundProfiles> {
    const { dir, installFirst } = this.#parts;
    const slots = new CardSlots(dir);
    if (await slots.isEmpty()) await installFirst();
    return this.#started(await slots.start(after), {
      again: () => slots.start(after),
      giveWay: (code) => slots.giveWay(code),
    });
  }

  /** A trial that this agent cannot even read is given up at once. */
  async #started(run: CardRun | null, { again, giveWay }: Next): Promise<FoundProfiles> {
    const { dir, log } = this.#parts;
    const rest = { good: null, slots: run?.desk ?? null, problem: run?.problem ?? null };
    if (run === null) return { ...rest, own: new WatchpostError('WP4213', { detail: dir }) };
    const { problem, contentDir, desk } = run;
    if (problem !== null) log.error({ code: problem.code, detail: problem.detail }, 'agent.slot-not-started');
    const own = readProfile(join(contentDir, PROFILE_PART), contentDir);
    const refusal = own instanceof WatchpostError ? own : await this.#refusalOf(desk);
    if (refusal === null) return { ...rest, own };
    const hasConfirmed = (desk.trial?.backTo ?? null) !== null;
    if (!hasConfirmed && !(await giveWay(refusal.code))) return { ...rest, own };
    log.error({ code: refusal.code, detail: refusal.detail }, 'agent.trial-not-begun');
    if (hasConfirmed) await desk.reject(refusal.code);
    return this.#started(await again(), { again: async () => null, giveWay: async () => false });
  }

  /** Whoever wrote it into the slot may not have known which agent is here; npm's ranges are loaded for a trial alone. */
  async #refusalOf({ trial, agent }: SlotDesk): Promise<WatchpostError | null> {
    if (trial === null) return null;
    const { isInRange } = await import('#contract/version-range.ts');
    const version = readVersion();
    if (isInRange(version, agent)) return null;
    return new WatchpostError('WP4108', { detail: `it is for ${agent}, this is ${version}` });
  }

  /** What lasted is confirmed by its trial. */
  keepGood(): void {
    return;
  }
}
