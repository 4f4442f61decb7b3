import * as z from 'zod';

/** A site's or a device's name: also one level of a topic and one half of the certificate's CN. */
export const NAME_PATTERN = /^[a-z0-9-]{1,32}$/;
export const Name = z.string().regex(NAME_PATTERN, 'use 1 to 32 of a-z, 0-9 and -');

/** A device as the wire knows it. */
export interface DeviceAddress {
  readonly site: string;
  readonly device: string;
}

const VDA_SUFFIX = '.vda';

/** The MQTT client id, which is the certificate's CN: `{site}.{device}`. */
export const clientIdOf = ({ site, device }: DeviceAddress): string => `${site}.${device}`;

/** The CloudEvents `source`: `/wp/{site}/{device}`. */
export const sourceOf = ({ site, device }: DeviceAddress): string => `/wp/${site}/${device}`;

/** Reads `{site}.{device}` (a `.vda` suffix is not a device's first connection and gives null). */
export function addressOfClientId(clientId: string): DeviceAddress | null {
  const [site, device, ...rest] = clientId.split('.');
  if (site === undefined || device === undefined || rest.length > 0) return null;
  return NAME_PATTERN.test(site) && NAME_PATTERN.test(device) ? { site, device } : null;
}

/** The client id of a robot's second connection, which speaks VDA 5050: `{site}.{device}.vda`. */
export const vdaClientIdOf = (address: DeviceAddress): string => `${clientIdOf(address)}${VDA_SUFFIX}`;

/** Reads `{site}.{device}.vda`. */
export const addressOfVdaClientId = (clientId: string): DeviceAddress | null =>
  clientId.endsWith(VDA_SUFFIX) ? addressOfClientId(clientId.slice(0, -VDA_SUFFIX.length)) : null;

/** Reads `/wp/{site}/{device}`. */
export function addressOfSource(source: string): DeviceAddress | null {
  const [empty, wp, site, device, ...rest] = source.split('/');
  if (empty !== '' || wp !== 'wp' || site === undefined || device === undefined || rest.length > 0)
    return null;
  return NAME_PATTERN.test(site) && NAME_PATTERN.test(device) ? { site, device } : null;
}
