import type { Settings } from '../settings.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, sizeOf, widthOf } from '../tracking/rect.ts';
import type { Appearance, StaticTrack } from '../tracking/track.ts';
import { type Figure, objectScore, personScore } from './scores.ts';

/** What a static thing is taken for. */
export type Verdict =
  | { readonly kind: 'object'; readonly score: number }
  | { readonly kind: 'person' | 'large' | 'ghost' | 'lighting' | 'shade' | 'panel' | 'edge' | 'unbrought' };

/** Shade takes at most this much of the light: the sky and the walls give the rest. */
const LEAST_GAIN = 0.4;
const EVEN = 0.25;
const SOFT_EDGE = 1.3;
/** A poster, a door, a screen: the same lines as before, lighter where it was darker. */
const INVERTED = 0.75;
/** Who comes out of what is this tall, in person heights, came through a door, and has not left luggage behind. */
const DOOR_TALL = 0.5;
/** Correlation of what lies inside before and now, of a floor that shows through. */
const SAME_FLOOR = 0.6;
/** The longest bag that is carried is 1.35 m long; skis in their bag, thinner than this, are longer. */
const LONGEST = 0.8;
const LONGEST_THIN = 1.04;
const THIN = 0.2;
/** A thing covers half of its rectangle, a bag with its strap up a third. */
const STREAK_FILL = 0.33;
const STREAK_EDGE = 1.6;

/** Its size in person heights where it stands, and how it stirs. */
export function figureOf(track: StaticTrack, scale: PersonScale): Figure {
  const { rect } = track.component;
  const person = scale.heightAt(rect.bottom);
  return {
    tall: heightOf(rect) / person,
    wide: widthOf(rect) / person,
    residualMotion: track.residualMotion,
    walkedIn: track.attendance?.walkedIn ?? false,
  };
}

/** Shape first, since it is cheap and never heals; then what light and departures leave behind. */
export function verdictOn(
  track: StaticTrack,
  look: Appearance,
  figure: Figure,
  settings: Settings,
  touchesEdge: boolean,
): Verdict {
  if (personScore(figure, settings) > 0.5) return { kind: 'person' };
  if (track.isCutOut ? !standsOut(look, settings) : isGhost(look, settings)) return { kind: 'ghost' };
  if (look.textureCorrelation > settings.lightingCorrelation) return { kind: 'lighting' };
  if (isShade(look, fillOf(track))) return { kind: 'shade' };
  if (look.textureCorrelation < -INVERTED || isDoor(track, figure)) return { kind: 'panel' };
  if (touchesEdge) return { kind: 'edge' };
  if (isLarge(figure, settings)) return { kind: 'large' };
  const brought = track.attendance?.broughtWithin ?? null;
  if (brought === null) return { kind: 'unbrought' };
  return { kind: 'object', score: objectScore(look, track.residualMotion, brought) };
}

/** The thing is what left: a heap of floor where somebody stood in the first background. */
export function isGhost(look: Appearance, settings: Settings): boolean {
  if (look.edgeRatio < settings.ghostEdgeRatio) return true;
  return look.edgeRatio < settings.doubtfulEdgeRatio && look.ringContrast < settings.doubtfulRingContrast;
}

/** How much of its rectangle it covers. */
const fillOf = ({ component }: StaticTrack): number => component.areaPx / sizeOf(component.rect);

/**
 * Shade or sun on the floor: all of it lighter or darker by one factor, within a border that is no sharper than the
 * floor's own pattern, since neither sun nor lamps are points; or a streak of it.
 */
function isShade({ gain, gainSpread, edgeRatio, textureCorrelation }: Appearance, fill: number): boolean {
  if (fill < STREAK_FILL && edgeRatio < STREAK_EDGE) return true;
  if (gain < LEAST_GAIN || gain > 1 / LEAST_GAIN || gainSpread > EVEN) return false;
  return edgeRatio < SOFT_EDGE || textureCorrelation > SAME_FLOOR;
}

/** Who brought it came out of it. */
const isDoor = ({ attendance }: StaticTrack, { tall }: Figure): boolean =>
  attendance?.cameOutOf === true && tall > DOOR_TALL;

/** Larger than one can carry: a car, a gate, a crowd's heap. */
function isLarge({ tall, wide }: Figure, { largestSize, largestArea }: Settings): boolean {
  const longest = tall < THIN ? LONGEST_THIN : LONGEST;
  return tall > largestSize || wide > longest || tall * wide > largestArea;
}

/** For what was cut out of a ghost: it must differ clearly from the floor around it as that is now. */
function standsOut(look: Appearance, settings: Settings): boolean {
  return look.edgeOverRing >= settings.cutOutEdgeOverRing && look.contrast >= settings.cutOutContrastLevels;
}
