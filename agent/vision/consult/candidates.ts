import type { SceneView } from '../scene-view.ts';
import type { Rect } from '../tracking/rect.ts';

/** A static track that may be reported: what the learned detector is asked about. Times in seconds of stream time. */
export interface Candidate {
  readonly id: number;
  readonly rect: Rect;
  /** Since when it has been alone; null while somebody is with it. */
  readonly aloneT: number | null;
  /** Seconds alone after which it is reported. */
  readonly dwellS: number;
}

/** Everything that is not reported yet and is where something may be. */
export function candidatesIn({ tracks }: SceneView): Candidate[] {
  return tracks
    .filter(({ reportedAs, dwellS }) => reportedAs === null && Number.isFinite(dwellS))
    .map(({ id, component, attendance, dwellS }) => ({
      id,
      rect: component.rect,
      aloneT: attendance?.leftT ?? null,
      dwellS,
    }));
}
