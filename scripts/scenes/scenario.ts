import type { Draft } from './draft.ts';
import type { Scene } from './scene.ts';

/** A kind of thing that happens before a camera; every seed makes another scene of it. */
export interface Scenario {
  readonly name: string;
  readonly draw: (seed: number) => Scene;
}

/** Seconds that a scene lasts beyond the latest time at which a report is still in time. */
const TAIL_S = 6;
const GRACE_S = 8;

/** The scene, lasting until whatever was left by `leftT` must have been reported. */
export function after(draft: Draft, leftT: number, moreS = 0): Scene {
  return draft.finished(leftT + draft.dwellS * 1.5 + GRACE_S + moreS + TAIL_S);
}

/** One scene of a kind; the same for the same seed, on every machine. */
export function sceneOf({ name, draw }: Scenario, seed: number): Scene {
  let mixed = Math.imul(seed, 0x27d4eb2f);
  for (const letter of name) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return { ...draw(mixed), scenario: name, seed };
}
