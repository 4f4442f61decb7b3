import type { Place } from '#contract/event-data.ts';
import { greatCircleM } from '#contract/great-circle.ts';
import { clientIdOf } from '#contract/names.ts';
import type { KnownDevice } from './ports.ts';

/** Ids of the robots that could go, nearest first; those of unknown distance come last, by name. */
export function robotsByDistance(
  place: Place | null,
  devices: readonly KnownDevice[],
  excluding: string,
): string[] {
  return devices
    .filter(isAble)
    .map((robot) => ({ id: clientIdOf(robot), distanceM: distanceM(place, robot.place) }))
    .filter(({ id }) => id !== excluding)
    .sort((a, b) => a.distanceM - b.distanceM || a.id.localeCompare(b.id))
    .map(({ id }) => id);
}

/** Online, a robot, and not itself raising an alarm. */
const isAble = ({ online, state }: KnownDevice): boolean =>
  online && state?.profile?.kind === 'robot' && (state.outputs?.panic ?? 'idle') === 'idle';

/** By pose on the same map, else by coordinates (haversine), else infinite. A different floor adds a way up. */
function distanceM(from: Place | null, to: Place | null): number {
  const apart = planeDistanceM(from, to);
  const floors = from?.floor !== undefined && to?.floor !== undefined && from.floor !== to.floor;
  return floors ? apart + 50 : apart;
}

function planeDistanceM(from: Place | null, to: Place | null): number {
  if (from?.pose !== undefined && to?.pose !== undefined && from.pose.map === to.pose.map) {
    return Math.hypot(from.pose.x - to.pose.x, from.pose.y - to.pose.y);
  }
  if (from?.latitude === undefined || from.longitude === undefined) return Number.MAX_VALUE;
  if (to?.latitude === undefined || to.longitude === undefined) return Number.MAX_VALUE;
  return greatCircleM(
    { latitude: from.latitude, longitude: from.longitude },
    { latitude: to.latitude, longitude: to.longitude },
  );
}
