import { parseTopic } from '#contract/topics.ts';

/** By how dear a waiting message is: over a limit telemetry goes first, then `other`; alarms are never shed. */
export const QUEUE_LANES = ['alarm', 'other', 'telemetry'] as const;
export type QueueLane = (typeof QUEUE_LANES)[number];

/** The lanes in the order in which a session over its limits loses messages. */
export const SHED_ORDER: readonly QueueLane[] = ['telemetry', 'other'];

/** `alarm` and `telemetry` for what devices send on those channels; everything else is `other`. */
export function queueLaneOf(topic: string): QueueLane {
  const parsed = parseTopic(topic);
  if (parsed?.direction !== 'up') return 'other';
  return parsed.channel === 'alarm' || parsed.channel === 'telemetry' ? parsed.channel : 'other';
}

/** As it stands in the database. */
export const laneNumber = (lane: QueueLane): number => QUEUE_LANES.indexOf(lane);
export const laneOfNumber = (number: number): QueueLane => QUEUE_LANES[number] ?? 'other';
