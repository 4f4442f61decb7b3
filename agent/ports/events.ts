import type { EventData, Sample } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';

/** What became of an alarm that was to be recorded. */
export interface RecordedAlarm {
  /** The event's id (UUIDv7). */
  readonly id: string;
  /** True once the alarm is synced to disk; false when it can only go out from memory. */
  readonly stored: boolean;
}

/** Where behaviours put what they have to say. Types are of the matching lane; another lane's throws WP2001. */
export interface EventRecorder {
  /** Returns after the alarm is synced to disk, or, when that is impossible, held in memory. Never throws for want of space. */
  recordAlarm<T extends EventType>(type: T, data: EventData<T>): RecordedAlarm;
  /** Committed to disk within 5 ms, in order. Returns the event's id. */
  recordEvent<T extends EventType>(type: T, data: EventData<T>): string;
  /** Live from memory; to disk only while the link is down. */
  recordSample(sample: Sample): void;
}

/** How far an alarm has come: the broker confirmed it (PUBACK), the ledger has it on disk (receipt). */
export type DeliveryStage = 'sent' | 'received';

export interface DeliveryFeed {
  /** Calls for alarms only, once a stage. Returns what ends the subscription. */
  onDelivery(listener: (eventId: string, stage: DeliveryStage) => void): () => void;
}
