import type { Draft } from './draft.ts';
import type { Ground } from './optics.ts';

/** People who cross the picture on their own ways from one time to another, `everyS` apart on average. */
export function crowd(draft: Draft, fromT: number, toT: number, everyS: number, depthOf: () => number): void {
  for (let t = fromT; t < toT; t += draft.dice.between(0.3, 1.7) * everyS) {
    const z = Math.min(draft.stage.wallZ - 0.4, Math.max(1.6, depthOf()));
    draft.passer(t, { x: draft.dice.between(-1, 1), z }, 0);
  }
}

/** At any depth that is in view. */
export function anyDepth(draft: Draft): number {
  const { optics, wallZ } = draft.stage;
  const near = optics.groundAt(0, 0.95 * optics.size.height).z;
  return draft.dice.between(near, wallZ - 0.5);
}

/** Between the camera and a place. */
export function depthBefore(draft: Draft, at: Ground): number {
  return Math.max(1.6, at.z - draft.dice.between(0.5, 1.4));
}
