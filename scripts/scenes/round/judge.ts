import type { CameraPose, VisitReport } from '#agent/ports/vision-pose.ts';
import { Camera } from '#agent/vision/camera.ts';
import type { PlaceStore } from '#agent/vision/visits/visits.ts';
import { CAMERA_MOUNT, type Itinerary, type Visit } from './itinerary.ts';
import { playRound } from './play.ts';
import type { Told } from './score.ts';

export interface JudgedRound {
  readonly told: readonly (Told & { readonly reason: string; readonly byComparison: boolean })[];
  readonly reports: readonly VisitReport[];
}

/** The size of the pictures, as a camera with a field of view of 53° gives them to the detector. */
export const ROUND_SIZE = [320, 180] as const;
const FRAMES_PER_SECOND = 6;
const DWELL_S = 6;

/** Plays a round to a camera on a robot; what it remembers goes to `places`. */
export function judgeRound(itinerary: Itinerary, places: PlaceStore, evidenceDir: string): JudgedRound {
  const told: JudgedRound['told'][number][] = [];
  const reports: VisitReport[] = [];
  let nowMs = 0;
  let ids = 0;
  let current: Visit | null = null;
  const camera = new Camera({
    dwellS: DWELL_S,
    evidenceDir,
    newObjectId: () => `object-${++ids}`,
    mobile: { places, mount: CAMERA_MOUNT, wallMs: () => nowMs },
  });
  const setPose = (pose: CameraPose) => {
    camera.setPose(pose);
    reports.push(...camera.takeVisits());
  };
  const [width, height] = ROUND_SIZE;
  playRound(
    itinerary,
    { width, height, framesPerSecond: FRAMES_PER_SECOND },
    {
      setPose,
      look: (frame, wallMs) => {
        nowMs = wallMs;
        for (const { detection } of camera.judge(frame)) {
          const { change, objectId, box, reason, trackId } = detection;
          if (current !== null) {
            told.push({ change, objectId, box, reason, byComparison: trackId === null, visit: current });
          }
        }
      },
    },
    (visit) => {
      current = visit;
    },
  );
  setPose({ still: false });
  return { told, reports };
}
