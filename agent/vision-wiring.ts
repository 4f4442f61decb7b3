import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { DoorReleases } from './behaviours/detection/door-releases.ts';
import { endFormerCamera } from './behaviours/detection/former-camera.ts';
import { PoseWatch } from './behaviours/detection/pose-watch.ts';
import { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { Hardware } from './hardware.ts';
import type { BypassGate } from './ports/bypass.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { AgentSettings } from './settings.ts';
import type { Spine } from './spine.ts';

/** What the camera's side of a device stands on. */
export interface VisionWiring {
  readonly profile: DeviceProfile;
  readonly settings: AgentSettings;
  readonly log: Log;
  readonly spine: Spine;
  readonly hardware: Hardware;
  readonly world: SimWorld | null;
  readonly place: () => Place;
  /** Which inputs are bypassed. */
  readonly gate: BypassGate;
  /** What goes in front of the command of the vision process: where it belongs, what it may take. */
  readonly runIn?: readonly string[];
}

/** Null without a camera. */
export function makeVision(parts: VisionWiring): VisionKeeper | null {
  const { profile, settings, log, spine, hardware, world, place, gate } = parts;
  const { camera, retention } = profile;
  const { cameraSource } = hardware;
  const { clock, journal, memory, blobs, link } = spine;
  if (camera === undefined || cameraSource === null) return null;
  return new VisionKeeper({
    config: {
      camera: camera.name,
      source: cameraSource,
      loop: world?.loops ?? false,
      width: camera.width,
      framesPerSecond: camera.framesPerSecond,
      dwellS: camera.dwellS,
      zones: camera.zones,
      watches: camera.watches,
      ...(camera.clip === undefined ? {} : { clip: camera.clip }),
      ...(camera.model === undefined ? {} : { model: camera.model }),
      mobile: hardware.base !== null,
      ...(camera.mount === undefined ? {} : { mount: camera.mount }),
      referencesDir: join(settings.dataDir, 'references'),
      evidenceDir: join(settings.dataDir, 'evidence'),
    },
    ...{ place, gate },
    ...{ clock, log, recorder: journal, memory },
    sendBlob: (reference, file) => blobs.send(reference, file),
    evidenceDays: retention.evidenceDays,
    clipDays: retention.clipDays,
    onEnded: () => world?.clipEnded(),
    onChange: () => link.stateChanged(),
    command: [
      ...(parts.runIn ?? []),
      process.execPath,
      fileURLToPath(new URL('./vision/main.ts', import.meta.url)),
    ],
  });
}

/** What a camera that is no more left open is ended. */
export function endCamera({ place, spine, log }: Pick<VisionWiring, 'place' | 'spine' | 'log'>): void {
  const { memory, clock, journal } = spine;
  endFormerCamera({ place, recorder: journal, memory, clock, log });
}

/** A camera that is carried about must know when it stands. */
export function makePoseWatch(
  { hardware: { base }, profile: { waypoints }, spine: { clock } }: VisionWiring,
  vision: VisionKeeper | null,
): PoseWatch | null {
  if (base === null || vision === null) return null;
  return new PoseWatch({ base, waypoints, clock, onPose: (pose) => vision.setPose(pose) });
}

export function makeDoors(
  { hardware, spine, log, gate }: VisionWiring,
  vision: VisionKeeper | null,
): DoorReleases {
  const { journal, memory, clock } = spine;
  return new DoorReleases({
    gate,
    inputs: hardware.inputs.filter(({ kind }) => kind === 'door'),
    onRelease: (input) => vision?.release(input),
    ...{ recorder: journal, memory, clock, log },
  });
}
