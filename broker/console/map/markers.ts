import type { DeviceItem } from '#contract/http.ts';
import type { FloorDetail } from '#contract/site-map/http.ts';
import type { Point } from './view-box.ts';

/** A device on a floor. */
export interface Marker {
  readonly device: DeviceItem;
  readonly at: Point;
  /** Where it looks, radians; null for what has no front. */
  readonly theta: number | null;
  readonly standing: 'alarmed' | 'online' | 'offline';
}

export interface Placed {
  readonly here: readonly Marker[];
  /** The floor that each of the others is on, or null where nobody knows. */
  readonly elsewhere: readonly { readonly device: DeviceItem; readonly floor: string | null }[];
}

/** Which devices stand on a floor, and where: by the pose that they tell, else where the map puts them. */
export function placed(devices: readonly DeviceItem[], floor: FloorDetail): Placed {
  const fixed = new Map(floor.devices.map(({ device, at }) => [device, at] as const));
  const here: Marker[] = [];
  const elsewhere: { device: DeviceItem; floor: string | null }[] = [];
  for (const device of devices) {
    const pose = device.place?.pose ?? null;
    const at = fixed.get(device.device);
    if (pose?.map === floor.id) here.push(marker(device, [pose.x, pose.y], pose.theta));
    else if (pose === null && at !== undefined) here.push(marker(device, at, null));
    else elsewhere.push({ device, floor: pose?.map ?? null });
  }
  return { here, elsewhere };
}

const marker = (device: DeviceItem, at: Point, theta: number | null): Marker => ({
  ...{ device, at, theta },
  standing: device.openIncidentId !== null ? 'alarmed' : device.online ? 'online' : 'offline',
});

/** How a place is named to the site: where a robot is now, or the id of what does not move. */
export const placeOf = ({ device, at, theta }: Marker, floor: string): string =>
  theta === null ? device.device : `${floor}:${at[0].toFixed(3)},${at[1].toFixed(3)}`;
