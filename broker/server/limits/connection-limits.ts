import * as z from 'zod';

const Count = z.int().min(1).max(1_000_000);
const Rate = z.number().min(0.1).max(1_000_000);

/** What one connection, one address and all together may ask of the broker (`limits.connections`). */
export const ConnectionLimits = z.strictObject({
  /** Connections at once, half-open ones included. */
  inAll: Count.default(10_000),
  /** From one IP address; many devices may share one behind a carrier's NAT. */
  perAddress: Count.default(6000),
  /** Connected, but without a finished CONNECT, in all. */
  halfOpen: Count.default(500),
  /** Seconds from TCP connect to a complete CONNECT. */
  connectTimeoutS: z.number().min(1).max(120).default(10),
  /** New connections a second from one IP address, and how many at once. */
  connectsPerSecond: Rate.default(100),
  connectBurst: Count.default(1000),
  /** Messages a second that one client may publish, and how many at once; above it is read more slowly. */
  messagesPerSecond: Rate.default(500),
  messageBurst: Count.default(5000),
  /** Bytes a second that one client may send, and how many at once; above it is read more slowly. */
  bytesPerSecond: z
    .number()
    .min(0.1)
    .max(1e10)
    .default(4 * 1024 * 1024),
  byteBurst: z
    .int()
    .min(1)
    .max(1e9)
    .default(16 * 1024 * 1024),
  /** Largest CONNECT, will included; who is not let in yet may not make the broker collect more. */
  connectBytes: z
    .int()
    .min(256)
    .max(1024 * 1024)
    .default(16 * 1024),
  /** Largest packet, judged by its header before it is read. */
  packetBytes: z
    .int()
    .min(1024)
    .max(16 * 1024 * 1024)
    .default(256 * 1024),
  topicLevels: z.int().min(8).max(100).default(16),
  topicBytes: z.int().min(128).max(65_535).default(512),
  /** Subscriptions of one client, and how many of them with `+` or `#`. */
  subscriptions: Count.default(100),
  wildcards: Count.default(20),
  /** Filters in one SUBSCRIBE or UNSUBSCRIBE. */
  filtersAtOnce: Count.default(200),
  /** QoS 2 messages of one client that wait for their PUBREL. */
  qos2Unreleased: z.int().min(1).max(65_535).default(1000),
});
export type ConnectionLimits = z.infer<typeof ConnectionLimits>;

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = ConnectionLimits.parse({});

/** For outside test tools (`--dev --open`): no caps and no rates. Sizes hold all the same. */
export const uncapped = (limits: ConnectionLimits): ConnectionLimits => ({
  ...limits,
  ...{ inAll: Infinity, perAddress: Infinity, halfOpen: Infinity },
  ...{ connectsPerSecond: Infinity, connectBurst: Infinity },
  ...{ messagesPerSecond: Infinity, messageBurst: Infinity },
  ...{ bytesPerSecond: Infinity, byteBurst: Infinity },
  ...{ topicLevels: 100, topicBytes: 65_535 },
  ...{ subscriptions: Infinity, wildcards: Infinity, filtersAtOnce: Infinity, qos2Unreleased: 65_535 },
});
