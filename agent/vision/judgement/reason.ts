import { heightOf } from '../tracking/rect.ts';
import type { StaticTrack } from '../tracking/statics.ts';

const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** Says in words why a thing counts as left behind: what a dispatcher may ask. */
export function reasonFor(
  track: StaticTrack,
  t: number,
  since: number,
  edgeRatio: number,
  personHeightPx: number,
): string {
  const tall = heightOf(track.component.rect) / personHeightPx;
  const brought = track.attendance?.broughtWithin ?? 0;
  return [
    `came to rest at ${seconds(track.restT)} with somebody ${brought.toFixed(1)} person heights away`,
    `alone for ${seconds(t - since)}`,
    `${tall.toFixed(2)} person heights tall`,
    `contour ${edgeRatio.toFixed(1)} times as sharp as the background's`,
  ].join('; ');
}
