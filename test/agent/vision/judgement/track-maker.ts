import { CANDIDATE } from '#agent/vision/judgement/lifecycle.ts';
import { type Component, componentOf, gridOf } from '#agent/vision/tracking/components.ts';
import type { StaticTrack } from '#agent/vision/tracking/track.ts';
import { revived } from '#agent/vision/tracking/track-memory.ts';
import { HEIGHT, WIDTH } from '../picture-maker.ts';

export const GRID = gridOf(WIDTH, HEIGHT);

/** A full rectangle of cells; `x` and the size in pixels, its lower edge at the row `foot`. */
export function block(x: number, foot: number, wide: number, tall: number): Component {
  const cells: number[] = [];
  for (let row = (foot - tall) / 2; row < foot / 2; row++) {
    for (let column = x / 2; column < (x + wide) / 2; column++) cells.push(row * GRID.columns + column);
  }
  return componentOf(cells, GRID);
}

/** What came to rest at 4 s, seen last at 6 s, of whom nothing more is known. */
export function trackOf({ cells, rect, areaPx }: Component): StaticTrack {
  const times = { restT: 4, seenT: 6, clearS: 0, somebodyS: 0, residualMotion: 0, score: 0, dwellS: 10 };
  const memory = {
    ...{
      id: 1,
      cells,
      rect,
      areaPx,
      settledAreaPx: areaPx,
      isCutOut: false,
      stillT: null,
      hasKeptStill: false,
      life: CANDIDATE,
    },
    ...{ objectId: null, reportedAs: null, attendance: null },
    ...times,
  };
  return revived(memory, 0, 6);
}
