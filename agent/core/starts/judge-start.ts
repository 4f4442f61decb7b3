import * as z from 'zod';
import type { EndCause, RunMode, Start } from '#agent/ports/starts.ts';

/** What is kept from start to start. */
export const StartRecord = z.object({
  version: z.literal(1),
  starts: z.int().min(0),
  /** Runs that lasted; deploy/systemd/last-resort.sh reads it, too. */
  healthyRuns: z.int().min(0),
  crashes: z.int().min(0),
  /** Times that safe mode was left by itself since a normal run lasted. */
  safeRuns: z.int().min(0),
  /** SHA-256 of the last profile that a run lasted with. */
  goodProfile: z.string().nullable(),
  /** A profile that no run lasted with yet, and how many of them crashed. */
  suspect: z.object({ profile: z.string(), crashes: z.int().min(1) }).nullable(),
  run: z.object({
    bootId: z.string(),
    mode: z.enum(['normal', 'safe']),
    profile: z.string(),
    /** On trial, with something to go back to: its crashes are counted there (profile/slots). */
    isTrial: z.boolean().optional(),
    hasLasted: z.boolean(),
    hasEnded: z.boolean(),
  }),
});
export type StartRecord = z.infer<typeof StartRecord>;

/** How the last run ended, as it is found at a start. */
export interface FoundEnd {
  readonly bootId: string;
  /** How the service manager says that the last run ended ($SERVICE_RESULT of systemd.exec(5)), and in which boot. */
  readonly lastEnd: { readonly bootId: string; readonly result: string } | null;
  /** The machine's watchdog has reset it (WDIOF_CARDRESET). */
  readonly wasReset: boolean;
}

/** What is found at a start. */
export interface Found extends FoundEnd {
  /** SHA-256 of the profile that is there; empty when it cannot be read. */
  readonly profile: string;
  /** The same of the copy of the last good one; null when there is none. */
  readonly goodProfile: string | null;
  /** It is on trial, and what was confirmed before it runs where it does not pass. */
  readonly isTrial?: boolean;
}

/** One crash is bad luck; a profile that brings two runs down is not tried a third time while there is a better one. */
const PROFILE_CRASHES = 2;
/** After so many ends in a row, with a profile that was good, what is not the alarm path is left off. */
export const SAFE_AFTER_CRASHES = 4;
const HOUR_MS = 3_600_000;
/** Safe mode is left after an hour; each time that it comes back at once it lasts twice as long. */
const SAFE_FOR_MS = HOUR_MS;
const SAFE_AT_MOST_MS = 24 * HOUR_MS;
/** Ends that say something about the program. That somebody cuts the power does not. */
export const OWN_FAULTS: readonly EndCause[] = ['crash', 'watchdog', 'memory', 'timeout', 'reset'];

/** Judges a start by the record of those before it; answers the start and what is to be kept. Pure. */
export function judgeStart(before: StartRecord | null, found: Found): { start: Start; record: StartRecord } {
  const cause = causeOf(before, found);
  const isFault = OWN_FAULTS.includes(cause) && before?.run.isTrial !== true;
  const crashes = (before?.crashes ?? 0) + (isFault ? 1 : 0);
  const suspect = isFault ? suspected(before) : (before?.suspect ?? null);
  const mode: RunMode = crashes >= SAFE_AFTER_CRASHES ? 'safe' : 'normal';
  const profile = choose(found, suspect);
  const safeRuns = before?.safeRuns ?? 0;
  const starts = (before?.starts ?? 0) + 1;
  const start: Start = {
    ...{ cause, starts, crashes, mode, profile },
    before: before?.run.mode ?? 'normal',
    safeForMs: mode === 'safe' ? Math.min(SAFE_AT_MOST_MS, SAFE_FOR_MS * 2 ** Math.min(safeRuns, 10)) : null,
  };
  const { bootId, isTrial = false } = found;
  const run = { bootId, mode, isTrial, hasLasted: false, hasEnded: false };
  const running = profile === 'good' ? (found.goodProfile ?? '') : found.profile;
  const record: StartRecord = {
    ...{ version: 1, starts, crashes, safeRuns, suspect },
    healthyRuns: before?.healthyRuns ?? 0,
    goodProfile: before?.goodProfile ?? null,
    run: { ...run, profile: running },
  };
  return { start, record };
}

/** The run has lasted: what came before it is forgotten. In safe mode only that it lasted is worth noting. */
export function lasted(record: StartRecord): StartRecord {
  const run = { ...record.run, hasLasted: true };
  const healthyRuns = record.healthyRuns + (record.run.hasLasted ? 0 : 1);
  if (run.mode === 'safe') return { ...record, run, healthyRuns };
  return {
    ...record,
    run,
    healthyRuns,
    crashes: 0,
    safeRuns: 0,
    suspect: keptSuspect(record),
    goodProfile: run.profile,
  };
}

export function ended(record: StartRecord, next: 'normal' | 'probation'): StartRecord {
  const run = { ...record.run, hasEnded: true };
  if (next === 'normal') return { ...record, run, crashes: 0 };
  return { ...record, run, crashes: SAFE_AFTER_CRASHES - 1, safeRuns: record.safeRuns + 1 };
}

/** A run that lasted says nothing for a profile that it did not run with. */
function keptSuspect({ suspect, run }: StartRecord): StartRecord['suspect'] {
  return suspect?.profile === run.profile ? null : suspect;
}

/** How the run before ended. */
export function causeOf(before: StartRecord | null, { bootId, lastEnd, wasReset }: FoundEnd): EndCause {
  if (before === null) return 'first';
  if (before.run.hasEnded) return 'ordered';
  if (before.run.bootId !== bootId) return wasReset ? 'reset' : 'power';
  const result = lastEnd?.bootId === bootId ? lastEnd.result : '';
  if (result === 'watchdog' || result === 'timeout') return result;
  return result === 'oom-kill' ? 'memory' : 'crash';
}

/** The profile that the last run had, unless a run has lasted with it. */
function suspected(before: StartRecord | null): StartRecord['suspect'] {
  const { suspect = null, goodProfile, run } = before ?? {};
  if (run === undefined || run.hasLasted || run.profile === goodProfile) return suspect;
  const crashes = suspect?.profile === run.profile ? suspect.crashes : 0;
  return { profile: run.profile, crashes: crashes + 1 };
}

function choose({ profile, goodProfile }: Found, suspect: StartRecord['suspect']): Start['profile'] {
  if (goodProfile === null || goodProfile === profile) return 'own';
  const isBad = suspect?.profile === profile && suspect.crashes >= PROFILE_CRASHES;
  return profile === '' || isBad ? 'good' : 'own';
}
