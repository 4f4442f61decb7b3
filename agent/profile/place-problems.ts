import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { DriverUse } from './driver-uses.ts';
import type { ZoneProblem } from './zone-problems.ts';

/** Parts that measure the distance from the place of the device, where that has no coordinates (WP4033). */
export function placeProblems(
  { place }: Pick<DeviceProfile, 'place'>,
  parts: readonly DriverUse[],
): ZoneProblem[] {
  if (place.latitude !== undefined && place.longitude !== undefined) return [];
  return parts
    .filter(
      ({ role, config }) => config.driver === 'gnss' && (role === 'input' || config.measure === 'distance'),
    )
    .map(({ path }) => ({
      code: 'WP4033',
      path,
      message: 'measures the distance from the place, which has no coordinates',
      hint: 'give place its latitude and longitude, in the site file where devices differ',
    }));
}
