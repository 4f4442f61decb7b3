import { readVersion } from '#contract/version.ts';
import { ROOT } from '../site/demo-site.ts';
import type { Stage } from './stage.ts';

/** What differs from run to run, and what stands for it on the page. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{24,}\b/g, '4e107e61…'],
  [/\b(key|keys) [0-9a-f]{8}\b/g, '$1 4e107e61'],
  [/\blocalhost:[1-9]\d{3,}\b/g, 'localhost:8883'],
  [/\b127\.0\.0\.1:[1-9]\d{3,}\b/g, '127.0.0.1:8883'],
  [/\b[\d.]+ [kMG]B free\b/g, '60 GB free'],
  [/\bhere: [^)]*\)/g, 'here: no chips)'],
  // New ones come with every version.
  [/the keys here are profileVersion, name, .*/g, 'the keys here are profileVersion, name, …'],
  [/\bpid[ =]\d+/g, 'pid 4711'],
  [/\bprocess \d+/g, 'process 4711'],
];

const TIME = /\b(19|20)\d\d-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?( UTC|Z))?/g;
/** Of `2026-11-22`. */
const DAY_LENGTH = 10;
const YEAR_MS = 365.25 * 86_400_000;

/** Another time as many whole years from the day of this page as this one is from now. */
function standInTime(time: string): string {
  // What a clock says that was never set.
  if (time.startsWith('1970')) return '1970-01-01 00:00:00 UTC';
  const years = Math.round((Date.parse(time) - Date.now()) / YEAR_MS);
  return `${2026 + years}-11-22${time.length > DAY_LENGTH ? ' 10:00:00 UTC' : ''}`;
}

/** What a program has printed, fit to be compared and shown. */
export function cleaned(text: string, { dir, standIns }: Stage): string {
  let clean = text;
  for (const [printed, shown] of standIns) clean = clean.replaceAll(printed, shown);
  clean = clean.replaceAll(`${dir}/`, '').replaceAll(dir, '.').replaceAll(ROOT, '');
  clean = clean.replaceAll(readVersion(), '0.1.0').replaceAll(TIME, standInTime);
  for (const [pattern, standIn] of PASSING) clean = clean.replaceAll(pattern, standIn);
  return clean.replaceAll(/[ \t]+$/gm, '').trimEnd();
}
