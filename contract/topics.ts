import { clientIdOf, type DeviceAddress, NAME_PATTERN } from './names.ts';

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
export const downBlobTopic = (address: DeviceAddress, blobId: string, piece: number): string =>
  `${base(address)}/down/blob/${blobId}/${piece}`;
/** The only filter a device subscribes to. */
export const downFilter = (address: DeviceAddress): string => `${base(address)}/down/#`;

/** The parts of a topic, or null when it is none of the wire's. Never throws. */
export function parseTopic(topic: string): ParsedTopic | null {
  // Most topics of a busy broker are none of these: taking each apart was 3 % of its work.
  if (!topic.includes('/up/') && !topic.includes('/down/')) return null;
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

/**
 * VDA 5050's own topics, for robots and an outside fleet control:
 * `{interfaceName}/{majorVersion}/{manufacturer}/{serialNumber}/{topic}`, the structure that the standard proposes
 * for a local broker (2.1.0 §6.3 with `uagv/v2/…`, 3.0.0 §4.2 with `vda5050/v3/…`). The serial number is the robot's
 * client id `{site}.{device}` (its alphabet allows the dot), which is how the broker knows whose subtree it is.
 */
export const VDA_INTERFACES = ['uagv', 'vda5050'] as const;
export const VDA_MAJOR_VERSIONS = ['v2', 'v3'] as const;
export const VDA_MANUFACTURER = 'watchpost';
/** What the robot says. `connection` (2.1.0 §6.14) and `factsheet` (3.0.0 §6.10) are retained. */
export const VDA_ROBOT_TOPICS = ['state', 'visualization', 'connection', 'factsheet'] as const;
export const VDA_RETAINED_TOPICS: readonly VdaTopic[] = ['connection', 'factsheet'];
/** What fleet control says. */
export const VDA_CONTROL_TOPICS = ['order', 'instantActions', 'responses', 'zoneSet'] as const;
export type VdaTopic = (typeof VDA_ROBOT_TOPICS)[number] | (typeof VDA_CONTROL_TOPICS)[number];

/** The levels in front of a robot's own. */
export interface VdaRoot {
  readonly interfaceName: string;
  readonly majorVersion: (typeof VDA_MAJOR_VERSIONS)[number];
  readonly manufacturer: string;
}

/** The root of a robot's VDA 5050 subtree, without a slash at the end. */
export const vdaBase = (address: DeviceAddress, root: VdaRoot): string =>
  [root.interfaceName, root.majorVersion, root.manufacturer, clientIdOf(address)].join('/');
export const vdaTopic = (address: DeviceAddress, root: VdaRoot, topic: VdaTopic): string =>
  `${vdaBase(address, root)}/${topic}`;
