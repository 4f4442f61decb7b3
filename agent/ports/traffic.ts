import type { DeviceState, Receipt } from '#contract/messages.ts';

/** One connection, from the moment the site's answers can be heard until it is lost. */
export interface Session {
  /** Publishes with QoS 1. `done` is called once: with null at PUBACK, with the error when the connection is lost first. */
  publish(topic: string, payload: string | Buffer, done: (error: Error | null) => void): void;
}

/** What the link carries: the outbox stands behind it. */
export interface Traffic {
  /** State is published and `down/#` subscribed: now send. */
  connected(session: Session): void;
  /** The session is over; what it had not confirmed goes out again with the next one. */
  disconnected(): void;
  receive(receipt: Receipt): void;
  lanes(): NonNullable<DeviceState['lanes']>;
  /** Whether an alarm waits to be sent: the link then comes back sooner. */
  isUrgent(): boolean;
}
