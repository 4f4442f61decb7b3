import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { DeviceProfile } from './ports/profile.ts';
import type { SlotDesk } from './ports/slots.ts';

/** A resolved profile, and where its voice lies. */
export interface FoundProfile {
  readonly profile: DeviceProfile;
  readonly text: string;
  /** SHA-256 of the text. */
  readonly digest: string;
  /** Folder with `voice/`. */
  readonly contentDir: string;
}

export interface FoundProfiles {
  /** What this start is to run, or why it cannot be read (WP5026, WP4213). */
  readonly own: FoundProfile | WatchpostError;
  /** What to run where that one brings runs down; null where slots see to it. */
  readonly good: FoundProfile | null;
  /** Null for a prepared folder. */
  readonly slots: SlotDesk | null;
  /** Why it is not what was to be started, where slots say so. */
  readonly problem: WatchpostError | null;
}

/** How a start came about. */
export interface StartedAfter {
  /** The run before ended by a fault of its own. */
  readonly afterFault: boolean;
  readonly boot: string;
  readonly sinceBootMs: number;
}

/** What a device runs from: a folder that `prepare` has left, or one of two slots. One mechanism judges one crash. */
export interface ProfileSource {
  find(after: StartedAfter): Promise<FoundProfiles>;
  /** A run has lasted with it. Throws what the disk throws. */
  keepGood(profile: FoundProfile): void;
}

const OWN = 'profile.json';
const GOOD = 'profile.good.json';

/** `profile.json`, and the last one that a run lasted with beside it. */
export class PreparedFolder implements ProfileSource {
  readonly #dir: string;

  constructor(dataDir: string) {
    this.#dir = dataDir;
  }

  async find(): Promise<FoundProfiles> {
    const good = this.#good();
    return { own: readProfile(join(this.#dir, OWN), this.#dir), good, slots: null, problem: null };
  }

  /** What is kept already is not written again. */
  keepGood({ text, digest }: FoundProfile): void {
    if (this.#good()?.digest === digest) return;
    const file = join(this.#dir, GOOD);
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }

  #good(): FoundProfile | null {
    const good = readProfile(join(this.#dir, GOOD), this.#dir);
    return good instanceof WatchpostError ? null : good;
  }
}

/** Answers WP5026 for what cannot be read. */
export function readProfile(file: string, contentDir: string): FoundProfile | WatchpostError {
  try {
    const text = readFileSync(file, 'utf8');
    const digest = createHash('sha256').update(text).digest('hex');
    return { profile: DeviceProfile.parse(JSON.parse(text)), text, digest, contentDir };
  } catch (cause) {
    return new WatchpostError('WP5026', { detail: file, cause });
  }
}
