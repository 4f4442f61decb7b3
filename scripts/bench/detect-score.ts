import type { Box } from '#contract/event-data.ts';

/** Something left behind that is to be reported; `box` as fractions of the picture, times in seconds of stream time. */
export interface Truth {
  readonly what: string;
  readonly box: Box;
  /** It may be reported from here on … */
  readonly from: number;
  /** … and must have been by now. */
  readonly to: number;
}

/** Something that was reported as left behind. */
export interface Raised {
  readonly t: number;
  readonly box: Box;
  /** How sure the detector is, from 0 to 1. */
  readonly score: number;
}

/** A truth with the event that is about it, or with why there is not just one. */
export interface Finding {
  readonly what: string;
  readonly raised: Raised | null;
  /** Whether the middle of the event's box lies within the truth's box grown by half. */
  readonly isCentred: boolean;
}

export interface Score {
  readonly findings: readonly Finding[];
  /** Duplicates, and whatever fits no truth. */
  readonly falseAlarms: readonly Raised[];
}

/**
 * A truth is found when exactly one event overlaps its box and is raised within its time. All other events are false;
 * of several about the same truth none counts as found, and all but one are false.
 */
export function scoreOf(truths: readonly Truth[], raised: readonly Raised[]): Score {
  const unused = new Set(raised);
  const findings = truths.map((truth) => {
    const about = raised.filter((event) => unused.has(event) && isAbout(event, truth));
    for (const event of about) unused.delete(event);
    const [first, ...rest] = about;
    for (const event of rest) unused.add(event);
    const found = first !== undefined && rest.length === 0 ? first : null;
    return { what: truth.what, raised: found, isCentred: found !== null && isCentred(found.box, truth.box) };
  });
  return { findings, falseAlarms: raised.filter((event) => unused.has(event)) };
}

const isAbout = ({ t, box }: Raised, truth: Truth): boolean =>
  t >= truth.from && t <= truth.to && overlaps(box, truth.box);

export function overlaps(a: Box, b: Box): boolean {
  const [ax, ay, aw, ah] = a;
  const [bx, by, bw, bh] = b;
  return Math.min(ax + aw, bx + bw) > Math.max(ax, bx) && Math.min(ay + ah, by + bh) > Math.max(ay, by);
}

/** Grown by half: half as wide and tall again, about the same middle. */
function isCentred([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean {
  const apartX = Math.abs(ax + aw / 2 - (bx + bw / 2));
  const apartY = Math.abs(ay + ah / 2 - (by + bh / 2));
  return apartX <= 0.75 * bw && apartY <= 0.75 * bh;
}

/** Scores added up. */
export interface Tally {
  readonly expected: number;
  readonly found: number;
  readonly centred: number;
  readonly falseAlarms: number;
}

export function tallyOf(scores: readonly Score[]): Tally {
  const findings = scores.flatMap((score) => score.findings);
  return {
    expected: findings.length,
    found: findings.filter(({ raised }) => raised !== null).length,
    centred: findings.filter((finding) => finding.isCentred).length,
    falseAlarms: scores.reduce((sum, score) => sum + score.falseAlarms.length, 0),
  };
}

/** Of what was reported, how much was right; 1 when nothing was. */
export function precisionOf({ found, falseAlarms }: Tally): number {
  return found + falseAlarms === 0 ? 1 : found / (found + falseAlarms);
}

/** Of what was to be reported, how much was; 1 when there was nothing. */
export function recallOf({ expected, found }: Tally): number {
  return expected === 0 ? 1 : found / expected;
}

/** What would be right if only events of at least some score were raised. */
export interface CurvePoint {
  readonly leastScore: number;
  readonly precision: number;
  readonly recall: number;
}

const CURVE_STEPS = 20;

/** Precision and recall over the least score, from 0 (every event counts) to 1. */
export function curveOf(scores: readonly Score[]): readonly CurvePoint[] {
  const right = scores.flatMap(({ findings }) => findings.flatMap(({ raised }) => raised?.score ?? []));
  const wrong = scores.flatMap(({ falseAlarms }) => falseAlarms.map(({ score }) => score));
  const expected = tallyOf(scores).expected;
  return Array.from({ length: CURVE_STEPS + 1 }, (_, step) => {
    const leastScore = step / CURVE_STEPS;
    const found = right.filter((score) => score >= leastScore).length;
    const falseAlarms = wrong.filter((score) => score >= leastScore).length;
    const tally = { expected, found, centred: 0, falseAlarms };
    return { leastScore, precision: precisionOf(tally), recall: recallOf(tally) };
  });
}
