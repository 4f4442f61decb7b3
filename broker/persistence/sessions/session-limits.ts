import * as z from 'zod';

const Count = z.int().min(1).max(100_000_000);
const Bytes = z.int().min(1024).max(1e12);

/** What may wait for absent or slow subscribers (`limits.sessions`). */
export const SessionLimits = z.strictObject({
  /** Messages that wait for one session. */
  messages: Count.default(200_000),
  /** Bytes (topic and payload) that wait for one session. */
  bytes: Bytes.default(256 * 1024 * 1024),
  /** The same for all sessions together. */
  messagesInAll: Count.default(2_000_000),
  bytesInAll: Bytes.default(2 * 1024 * 1024 * 1024),
  /** A message that has waited longer than this is dropped. Hours. */
  ageH: z.number().min(0.01).max(8760).default(72),
  /** A session whose client has not been connected for longer than this ends. Hours. */
  expiryH: z.number().min(0.01).max(8760).default(168),
  /** Sessions that are kept at once, connected or not. */
  sessions: Count.default(10_000),
  /** QoS 1 and 2 messages that may be on their way to one client without its acknowledgement. */
  inFlight: z.int().min(1).max(10_000).default(500),
  inFlightBytes: Bytes.default(1024 * 1024),
  /** Messages and bytes that wait for one clean session; they wait in memory and end with the connection. */
  cleanMessages: Count.default(10_000),
  cleanBytes: Bytes.default(16 * 1024 * 1024),
  /** The same for all clean sessions together. */
  cleanMessagesInAll: Count.default(100_000),
  cleanBytesInAll: Bytes.default(128 * 1024 * 1024),
  /** Taken for the keep-alive of a client that has none, when a crash has left its will. Seconds. */
  willKeepaliveS: z.number().min(1).max(86_400).default(60),
});
export type SessionLimits = z.infer<typeof SessionLimits>;

export const DEFAULT_SESSION_LIMITS: SessionLimits = SessionLimits.parse({});
