import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { addressOfClientId, type DeviceAddress } from '#contract/names.ts';

export const DeviceParams = z.object({ id: z.string().max(65) });

export const idIn = (params: unknown): string => DeviceParams.parse(params).id;

/** An id of another form names no device: WP3404. */
export function addressIn(params: unknown): DeviceAddress {
  const address = addressOfClientId(idIn(params));
  if (address === null) throw new WatchpostError('WP3404', { detail: idIn(params) });
  return address;
}
