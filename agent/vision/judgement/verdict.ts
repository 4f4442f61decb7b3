import type { Settings } from '../settings.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, widthOf } from '../tracking/rect.ts';
import type { Appearance, StaticTrack } from '../tracking/track.ts';
import { type Figure, objectScore, personScore } from './scores.ts';

/** What a static thing is taken for. */
export type Verdict =
  | { readonly kind: 'object'; readonly score: number }
  | { readonly kind: 'person' | 'large' | 'ghost' | 'lighting' | 'edge' | 'unbrought' };

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

/** Larger than one can carry: a car, a gate, a crowd's heap. */
function isLarge({ tall, wide }: Figure, { largestSize, largestArea }: Settings): boolean {
  return tall > largestSize || wide > largestSize * 1.3 || tall * wide > largestArea;
}

/** For what was cut out of a ghost: it must differ clearly from the floor around it as that is now. */
function standsOut(look: Appearance, settings: Settings): boolean {
  return look.edgeOverRing >= settings.cutOutEdgeOverRing && look.contrast >= settings.cutOutContrastLevels;
}
