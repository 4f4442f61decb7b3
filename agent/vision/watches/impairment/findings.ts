import type { Finding } from './fault.ts';
import type { Pyramid } from './pyramid.ts';
import type { Comparison } from './view.ts';

/** Twice video black (ITU-R BT.601 puts it at 16 of 255), and half as much again before it counts as light. */
const DARK_LEVEL = 32;
const LIGHT_LEVEL = 48;
/** Grey levels of contrast between large parts of the picture that noise and codec leave in a black one. */
const DARK_CONTRAST = 8;
const LIGHT_CONTRAST = 12;

/** Nothing is seen for want of light: neither a level nor a contrast. The only finding that needs no usual view. */
export function dark({ mean, contrast }: Pyramid): Finding {
  if (mean < DARK_LEVEL && contrast < DARK_CONTRAST) return 'present';
  return mean > LIGHT_LEVEL || contrast > LIGHT_CONTRAST ? 'absent' : 'unknown';
}

/** Amplitude of detail left, of what is usual: a tenth of its energy; and a quarter, to be well again. */
const LOST = 0.32;
const BACK = 0.5;
/** A four-hundredth of the energy is nothing to see by, even where it lies right: a cloth, the thickest fog. */
const NOTHING_LEFT = 0.05;
/** Light and dark lie where they did, with a good part of the contrast: the same view, however blurred. */
const SAME_LAYOUT = 0.5;
const KEPT_CONTRAST = 0.4;
/** Where no detail is left at all, light and dark may lie alike by chance: they must do so closely. */
const SURELY_SAME_LAYOUT = 0.75;
/** Share of the tiles whose edges lie where they were: hardly any, or enough to be the same view. */
const ELSEWHERE = 0.25;
const HOME = 0.4;
/** As many tiles with detail of their own as this share of the usual ones: a view, if another. */
const A_VIEW = 0.5;

export const isHome = ({ matched }: Comparison): boolean => matched !== null && matched >= HOME;

const isOther = ({ matched }: Comparison): boolean => matched !== null && matched < ELSEWHERE;

const isSameLayout = ({ correlation, slope }: Comparison): boolean =>
  correlation >= SAME_LAYOUT && slope >= KEPT_CONTRAST;

/**
 * Detail has gone, no edge is left, and light and dark lie otherwise: something is on the lens. The finest scale is
 * left out, since noise that grew passes for detail there.
 */
export function covered(comparison: Comparison): Finding {
  const { least, ownDetail } = comparison;
  const [, mid = null, low = null] = least;
  if (mid === null || low === null) return 'unknown';
  const detail = Math.max(mid, low);
  const isNothing = detail < NOTHING_LEFT || (isOther(comparison) && ownDetail < A_VIEW);
  const isBlurred = isSameLayout(comparison) && comparison.correlation >= SURELY_SAME_LAYOUT;
  if (detail < LOST && isNothing && !isBlurred) return 'present';
  return isHome(comparison) || detail > BACK ? 'absent' : 'unknown';
}

/**
 * Fine detail has gone, of larger things enough is left. Fog and weak light take contrast from all scales alike, so
 * fine detail is measured against what the larger have kept.
 */
export function defocused(comparison: Comparison): Finding {
  const [fine = null, , low = null] = comparison.most;
  if (fine === null || low === null) return 'unknown';
  const isSameView = isSameLayout(comparison) || isHome(comparison);
  const kept = Math.min(1, Math.max(low, isSameView ? comparison.slope : 0));
  if (kept < LOST) return 'unknown';
  if (fine < LOST * kept) return 'present';
  return fine > BACK * kept ? 'absent' : 'unknown';
}

/** A perfectly sharp view, with no edge where it was. */
export function isElsewhere(comparison: Comparison): boolean {
  const [fine = null, , low = null] = comparison.least;
  if (fine === null || low === null) return false;
  return isOther(comparison) && comparison.ownDetail >= A_VIEW && fine > BACK * low;
}
