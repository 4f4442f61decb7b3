import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { machineBootId, monotonicMs } from './core/device-clock.ts';
import { OWN_FAULTS } from './core/starts/judge-start.ts';
import { StartBook } from './core/starts/start-book.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { SlotDesk } from './ports/slots.ts';
import type { Start, StartNotes } from './ports/starts.ts';
import { safeProfile } from './profile/safe-profile.ts';
import type { FoundProfile, ProfileSource } from './start-profile.ts';

/** A run that begins: by which profile, and what is known of the runs before it. */
export interface BegunRun {
  readonly profile: DeviceProfile;
  /** Where its voice lies. */
  readonly contentDir: string;
  /** Null on a device that runs from a prepared folder. */
  readonly slots: SlotDesk | null;
  /** Why it is not the slot that was to be started. */
  readonly problem: WatchpostError | null;
  readonly start: Start;
  readonly notes: StartNotes;
}

export interface RunSurroundings {
  readonly dataDir: string;
  readonly source: ProfileSource;
  readonly log: Log;
  readonly bootId?: string;
  readonly watchdogDir?: string;
}

/**
 * Counts this start and chooses what the device runs from: its profile, or the last good one where that one is broken;
 * all of it, or in safe mode the alarm path alone.
 *
 * @throws WatchpostError WP5026, WP4213 when no profile can be read: nothing was prepared or installed; WP4201
 */
export async function beginRun(surroundings: RunSurroundings): Promise<BegunRun> {
  const { dataDir, source, log, bootId = machineBootId(), watchdogDir } = surroundings;
  const book = new StartBook({ dataDir, log, ...(watchdogDir === undefined ? {} : { watchdogDir }) });
  const afterFault = OWN_FAULTS.includes(book.causeIn(bootId));
  const { own, good, slots, problem } = await source.find({
    afterFault,
    boot: bootId,
    sinceBootMs: monotonicMs(),
  });
  const isBroken = own instanceof WatchpostError;
  if (isBroken && good === null) throw own;
  if (isBroken) log.error({ code: own.code, detail: own.detail, err: own.cause }, 'agent.profile-not-read');
  const start = book.begin({
    bootId,
    profile: isBroken ? '' : own.digest,
    goodProfile: good?.digest ?? null,
    isTrial: (slots?.trial?.backTo ?? null) !== null,
  });
  const chosen = start.profile === 'good' || isBroken ? good : own;
  if (chosen === null) throw new WatchpostError('WP5026', { detail: dataDir });
  const { profile, contentDir } = chosen;
  return {
    ...{ start, contentDir, slots, problem },
    profile: start.mode === 'safe' ? safeProfile(profile) : profile,
    notes: notesOf(book, start, () => keep(source, chosen, log)),
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

function keep(source: ProfileSource, profile: FoundProfile, log: Log): void {
  try {
    source.keepGood(profile);
  } catch (cause) {
    log.warn({ code: 'WP2614', err: cause }, 'agent.good-profile-not-kept');
  }
}
