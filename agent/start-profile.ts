import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { DeviceProfile } from './ports/profile.ts';

/** A resolved profile in the device's folder. */
export interface FoundProfile {
  readonly profile: DeviceProfile;
  readonly text: string;
  /** SHA-256 of the text. */
  readonly digest: string;
}

export interface FoundProfiles {
  /** What `prepare` left last, or why it cannot be read (WP5026). */
  readonly own: FoundProfile | WatchpostError;
  /** The last one that a run lasted with, where it can still be read. */
  readonly good: FoundProfile | null;
}

const OWN = 'profile.json';
const GOOD = 'profile.good.json';

export function findProfiles(dataDir: string): FoundProfiles {
  const good = read(join(dataDir, GOOD));
  return { own: read(join(dataDir, OWN)), good: good instanceof WatchpostError ? null : good };
}

/** Keeps a profile as good; what is kept already is not written again. Throws what the disk throws. */
export function keepGood(dataDir: string, { text, digest }: FoundProfile): void {
  const { good } = findProfiles(dataDir);
  if (good?.digest === digest) return;
  const file = join(dataDir, GOOD);
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

function read(file: string): FoundProfile | WatchpostError {
  try {
    const text = readFileSync(file, 'utf8');
    const digest = createHash('sha256').update(text).digest('hex');
    return { profile: DeviceProfile.parse(JSON.parse(text)), text, digest };
  } catch (cause) {
    return new WatchpostError('WP5026', { detail: file, cause });
  }
}
