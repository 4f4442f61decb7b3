import type { Settings } from '../settings.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, widthOf } from '../tracking/rect.ts';
import type { StaticTrack } from '../tracking/statics.ts';
import type { Appearance } from './appearance.ts';

/** What a static thing is taken for. */
export type Verdict =
  | { readonly kind: 'object'; readonly score: number }
  | { readonly kind: 'person' | 'large' | 'ghost' | 'lighting' | 'edge' | 'unbrought' | 'restless' };

/** Shape first, since it is cheap and never heals; then what light and departures leave behind. */
export function verdictOn(
  track: StaticTrack,
  look: Appearance,
  scale: PersonScale,
  settings: Settings,
  touchesEdge: boolean,
): Verdict {
  const { rect } = track.component;
  const person = scale.heightAt(rect.bottom);
  const tall = heightOf(rect) / person;
  const wide = widthOf(rect) / person;
  if (isPerson(tall, tall / wide, track.residualMotion, settings)) return { kind: 'person' };
  if (track.isCutOut ? !standsOut(look, settings) : isGhost(look, settings)) return { kind: 'ghost' };
  if (look.textureCorrelation > settings.lightingCorrelation) return { kind: 'lighting' };
  if (touchesEdge) return { kind: 'edge' };
  if (tall > settings.largestSize || wide > settings.largestSize * 1.3) return { kind: 'large' };
  if (track.residualMotion > 4 * settings.residualMotion) return { kind: 'restless' };
  const brought = track.attendance?.broughtWithin ?? null;
  if (brought === null) return { kind: 'unbrought' };
  return { kind: 'object', score: scoreOf(look, track.residualMotion, brought) };
}

/** The thing is what left: a heap of floor where somebody stood in the first background. */
export function isGhost(look: Appearance, settings: Settings): boolean {
  if (look.edgeRatio < settings.ghostEdgeRatio) return true;
  return look.edgeRatio < settings.doubtfulEdgeRatio && look.ringContrast < settings.doubtfulRingContrast;
}

/** For what was cut out of a ghost: it must differ clearly from the floor around it as that is now. */
function standsOut(look: Appearance, settings: Settings): boolean {
  return look.edgeOverRing >= settings.cutOutEdgeOverRing && look.contrast >= settings.cutOutContrastLevels;
}

function isPerson(tall: number, aspect: number, motion: number, settings: Settings): boolean {
  if (aspect <= settings.personAspect) return false;
  if (tall > settings.personHeight) return true;
  return tall > settings.movingPersonHeight && motion > settings.residualMotion;
}

/** 0.5 for what just passes; clear edges, stillness and a near bringer add to it. */
function scoreOf(look: Appearance, motion: number, broughtWithin: number): number {
  const edges = Math.min(0.3, 0.12 * Math.log2(Math.max(0.5, look.edgeRatio)));
  const still = 0.1 * Math.max(0, 1 - motion / 0.04);
  const near = 0.1 * Math.max(0, 1 - broughtWithin);
  return Math.min(1, Math.max(0.1, 0.5 + edges + still + near));
}
