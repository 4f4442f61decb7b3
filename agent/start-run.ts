import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { machineBootId } from './core/device-clock.ts';
import { StartBook } from './core/starts/start-book.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Start, StartNotes } from './ports/starts.ts';
import { safeProfile } from './profile/safe-profile.ts';
import { type FoundProfile, findProfiles, keepGood } from './start-profile.ts';

/** A run that begins: by which profile, and what is known of the runs before it. */
export interface BegunRun {
  readonly profile: DeviceProfile;
  readonly start: Start;
  readonly notes: StartNotes;
}

export interface RunSurroundings {
  readonly dataDir: string;
  readonly log: Log;
  readonly bootId?: string;
  readonly watchdogDir?: string;
}

/**
 * Counts this start and chooses what the device runs from: its profile, or the last good one where that one is broken;
 * all of it, or in safe mode the alarm path alone.
 *
 * @throws WatchpostError WP5026 when no profile can be read: the folder was never prepared
 */
export function beginRun({ dataDir, log, bootId = machineBootId(), watchdogDir }: RunSurroundings): BegunRun {
  const { own, good } = findProfiles(dataDir);
  const isBroken = own instanceof WatchpostError;
  if (isBroken && good === null) throw own;
  if (isBroken) log.error({ code: own.code, detail: own.detail, err: own.cause }, 'agent.profile-not-read');
  const book = new StartBook({ dataDir, log, ...(watchdogDir === undefined ? {} : { watchdogDir }) });
  const start = book.begin({
    bootId,
    profile: isBroken ? '' : own.digest,
    goodProfile: good?.digest ?? null,
  });
  const chosen = start.profile === 'good' || isBroken ? good : own;
  if (chosen === null) throw new WatchpostError('WP5026', { detail: dataDir });
  const { profile } = chosen;
  return {
    start,
    profile: start.mode === 'safe' ? safeProfile(profile) : profile,
    notes: notesOf(book, start, () => keep(dataDir, chosen, log)),
  };
}

/** What a safe run lasted with is less than the profile: that one is not known to be good. */
function notesOf(book: StartBook, { mode }: Start, keepProfile: () => void): StartNotes {
  return {
    healthy: () => {
      if (mode === 'normal') keepProfile();
      book.healthy();
    },
    ended: (next) => book.ended(next),
  };
}

function keep(dataDir: string, profile: FoundProfile, log: Log): void {
  try {
    keepGood(dataDir, profile);
  } catch (cause) {
    log.warn({ code: 'WP2614', err: cause }, 'agent.good-profile-not-kept');
  }
}
