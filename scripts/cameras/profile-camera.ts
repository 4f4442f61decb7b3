import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { WatchpostError } from '#contract/errors.ts';

/** As commands about a camera are told which: `--profile FILE [--site-file FILE --device ID]`. */
export interface CameraChoice {
  readonly profile: string;
  readonly siteFile?: string;
  readonly device?: string;
}

export type CameraPart = NonNullable<DeviceProfile['camera']>;

/** The camera of a profile, checked as at the start of an agent; throws WP5062 when it has none, see resolveProfile. */
export function profileCamera({ profile: file, siteFile, device }: CameraChoice): CameraPart {
  const { camera } = resolveProfile({
    file,
    drivers: DRIVER_SCHEMAS,
    assumed: siteFile === undefined ? { place: { label: '(from the site file)' } } : {},
    ...(siteFile === undefined ? {} : { siteFile }),
    ...(device === undefined ? {} : { device }),
  }).profile;
  if (camera === undefined) throw new WatchpostError('WP5062', { detail: file });
  return camera;
}
