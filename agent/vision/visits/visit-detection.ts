import type { Detection } from '../judgement/detection.ts';
import type { SceneView } from '../scene-view.ts';
import { type Component, componentOf } from '../tracking/components.ts';
import { spansOf } from './outline.ts';
import type { Presence } from './presence.ts';

/** How sure a thing found by comparison is, by how it was proven. */
const BY_DWELL = 0.6;
const BY_SECOND_VISIT = 0.8;

/** Reports a thing that was not there at earlier visits. */
export function leftOf(
  presence: Presence,
  objectId: string,
  visitsBefore: number,
  view: SceneView,
  nowMs: number,
): Detection {
  const { candidate, aloneS } = presence;
  const isAgain = candidate.visits > 0;
  const minutes = (nowMs - candidate.firstMs) / 60_000;
  const seen = isAgain ? `first seen ${minutes.toFixed(0)} min ago and still there` : '';
  const tall = (presence.rect.bottom - presence.rect.top) / view.scale.heightAt(presence.rect.bottom);
  const reason = [
    `not here at the earlier visits (${visitsBefore - candidate.visits} of them)`,
    ...(isAgain ? [seen] : []),
    `alone for ${aloneS.toFixed(1)} s of this one`,
    `${tall.toFixed(2)} person heights tall`,
  ].join('; ');
  return {
    ...placed(presence, objectId, view),
    change: 'left',
    state: 'unattended',
    score: isAgain ? BY_SECOND_VISIT : BY_DWELL,
    reason,
  };
}

/** Reports that what was left is there no more. */
export function goneOf(presence: Presence, objectId: string, view: SceneView): Detection {
  return {
    ...placed(presence, objectId, view),
    change: 'removed',
    state: 'removed',
    score: 1,
    reason: 'it is gone from where it stood at the earlier visit',
  };
}

function placed(presence: Presence, objectId: string, view: SceneView) {
  const { left, top, right, bottom } = presence.rect;
  const { width, height, t } = view;
  const { aloneS, looks, seenLooks, nearestDistance } = presence;
  const person = view.scale.heightAt(bottom);
  const box: [number, number, number, number] = [
    left / width,
    top / height,
    (right - left) / width,
    (bottom - top) / height,
  ];
  return {
    objectId,
    trackId: null,
    t,
    since: t - aloneS,
    box,
    component: filled(presence, view),
    measurements: {
      dwellS: aloneS,
      ownerLastSeenT: null,
      broughtWithin: null,
      ownerDistance: null,
      nearestDistance,
      heightInPersons: (bottom - top) / person,
      widthInPersons: (right - left) / person,
      ghostScore: 0,
      personScore: 0,
      edgeRatio: 1,
      residualMotion: 0,
      lightChange: 1,
      clearShare: looks === 0 ? 0 : seenLooks / looks,
    },
  };
}

/** What lies within the outline, in cells of the detector. */
function filled({ cells, grid: { columns, cellPx } }: Presence, { grid }: SceneView): Component {
  const inside = new Set<number>();
  for (const [row, from, to] of spansOf(cells, columns)) {
    const bottom = Math.min(grid.rows * 2, (row + 1) * cellPx);
    const right = Math.min(grid.columns * 2, (to + 1) * cellPx);
    for (let y = row * cellPx; y < bottom; y++) {
      for (let x = from * cellPx; x < right; x++) inside.add((y >> 1) * grid.columns + (x >> 1));
    }
  }
  return componentOf([...inside], grid);
}
