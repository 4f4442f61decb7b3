import { type DeviceAddress, NAME_PATTERN } from './names.ts';

/** First levels of every topic; the digit is the version of the wire. */
export const TOPIC_ROOT = 'wp/1';

export const LANES = ['alarm', 'event', 'telemetry'] as const;
export type Lane = (typeof LANES)[number];

export const UP_CHANNELS = [...LANES, 'state', 'reply'] as const;
export const DOWN_CHANNELS = ['receipt', 'incident', 'command'] as const;
export type UpChannel = (typeof UP_CHANNELS)[number];
export type DownChannel = (typeof DOWN_CHANNELS)[number];

/** What a topic says. `up`/`down` blobs carry one piece `n` (from 0) of the content `blobId`. */
export type ParsedTopic = DeviceAddress &
  (
    | { direction: 'up'; channel: UpChannel }
    | { direction: 'down'; channel: DownChannel }
    | { direction: 'up' | 'down'; channel: 'blob'; blobId: string; piece: number }
  );

const BLOB_ID_PATTERN = /^[A-Za-z0-9-]{1,64}$/;

const base = ({ site, device }: DeviceAddress): string => `${TOPIC_ROOT}/${site}/${device}`;

export const upTopic = (address: DeviceAddress, channel: UpChannel): string =>
  `${base(address)}/up/${channel}`;
export const downTopic = (address: DeviceAddress, channel: DownChannel): string =>
  `${base(address)}/down/${channel}`;
export const upBlobTopic = (address: DeviceAddress, blobId: string, piece: number): string =>
  `${base(address)}/up/blob/${blobId}/${piece}`;
/** The only filter a device subscribes to. */
export const downFilter = (address: DeviceAddress): string => `${base(address)}/down/#`;

/** The parts of a topic, or null when it is none of the wire's. Never throws. */
export function parseTopic(topic: string): ParsedTopic | null {
  const levels = topic.split('/');
  const [wp, version, site, device, direction, channel, ...rest] = levels;
  if (`${wp}/${version}` !== TOPIC_ROOT || site === undefined || device === undefined) return null;
  if (!NAME_PATTERN.test(site) || !NAME_PATTERN.test(device)) return null;
  if (direction !== 'up' && direction !== 'down') return null;
  if (channel === 'blob') return parseBlob({ site, device, direction }, rest);
  if (rest.length > 0) return null;
  if (direction === 'up' && isOneOf(UP_CHANNELS, channel)) return { site, device, direction, channel };
  if (direction === 'down' && isOneOf(DOWN_CHANNELS, channel)) return { site, device, direction, channel };
  return null;
}

function parseBlob(
  head: DeviceAddress & { direction: 'up' | 'down' },
  [blobId, piece, ...rest]: string[],
): ParsedTopic | null {
  if (blobId === undefined || piece === undefined || rest.length > 0) return null;
  if (!BLOB_ID_PATTERN.test(blobId) || !/^(0|[1-9][0-9]{0,5})$/.test(piece)) return null;
  return { ...head, channel: 'blob', blobId, piece: Number(piece) };
}

function isOneOf<T extends string>(list: readonly T[], value: string | undefined): value is T {
  return list.some((item) => item === value);
}
