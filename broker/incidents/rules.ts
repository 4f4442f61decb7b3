import * as z from 'zod';
import type { Envelope } from '#contract/envelope.ts';
import { EVENT_TYPE_PATTERN } from '#contract/envelope.ts';
import { STOP_CAUSES } from '#contract/event-robot.ts';
import type { Lane } from '#contract/topics.ts';

/** Which rungs of the escalation an incident may reach: a fault wakes nobody in a neighbouring post. */
export const REACHES = ['none', 'first', 'all'] as const;
export type Reach = (typeof REACHES)[number];

/** An event type that opens incidents though it does not come by the alarm lane. */
export const IncidentRule = z.strictObject({
  type: z.string().regex(EVENT_TYPE_PATTERN),
  /** Only when these fields of `data` have one of these values. */
  when: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)).default({}),
  escalate: z.enum(REACHES).default('all'),
});
export type IncidentRule = z.infer<typeof IncidentRule>;

/** What keeps a robot standing until somebody goes there or does something. */
const HELD = STOP_CAUSES.filter((cause) => cause !== 'own-press' && cause !== 'caller-frozen');

export const DEFAULT_RULES: readonly IncidentRule[] = [
  { type: 'wp.object.left.v1', when: {}, escalate: 'all' },
  // People are crushed within minutes: a crowd that nobody looks at goes up like an alarm, and ends by itself.
  { type: 'wp.crowd.exceeded.v1', when: {}, escalate: 'all' },
  // These are for the site's own desk: nobody is in danger yet.
  { type: 'wp.tailgating.detected.v1', when: {}, escalate: 'first' },
  { type: 'wp.loitering.detected.v1', when: {}, escalate: 'first' },
  { type: 'wp.camera.impaired.v1', when: {}, escalate: 'first' },
  { type: 'wp.supervision.lost.v1', when: {}, escalate: 'first' },
  { type: 'wp.path.missed.v1', when: {}, escalate: 'first' },
  { type: 'wp.health.changed.v1', when: { state: ['failed'] }, escalate: 'first' },
  // Its own alarm has opened an incident already, and a moment without commands ends by itself.
  { type: 'wp.robot.stopped.v1', when: { cause: HELD }, escalate: 'first' },
  // Somebody has ordered it, so nobody is paged; it stands at the desk for as long as it lasts.
  { type: 'wp.input.bypassed.v1', when: {}, escalate: 'none' },
  { type: 'wp.session.contested.v1', when: {}, escalate: 'first' },
  { type: 'wp.identity.refused.v1', when: {}, escalate: 'first' },
];

const TEST_ALARM = 'wp.path.tested.v1';

/** What the incident desk does with an event; null: nothing. */
export type Opening = { readonly topic: string; readonly reach: Reach } | null;

/** Decides whether an event opens or joins an incident, and by what it is joined. */
export function judgeEvent(rules: readonly IncidentRule[], lane: Lane, envelope: Envelope): Opening {
  const rule = rules.find(({ type, when }) => type === envelope.type && matches(when, envelope.data));
  if (rule !== undefined) return { topic: topicOf(envelope.type, envelope.data), reach: rule.escalate };
  // The test of the path pages nobody; that it is missing does (PathWatch).
  if (envelope.type === TEST_ALARM) return null;
  if (lane === 'alarm') return { topic: topicOf(envelope.type, envelope.data), reach: 'all' };
  return null;
}

/** What an event about the same thing ends: the incident with this topic is resolved with this cause. */
export type Ending = { readonly topic: string; readonly cause: string } | null;

/** What a watch of a camera has found is over, with the cause that stands in the incident. */
const ENDED_BY: ReadonlyMap<string, string> = new Map([
  ['wp.crowd.eased.v1', 'eased'],
  ['wp.loitering.ended.v1', 'gone'],
  ['wp.camera.restored.v1', 'restored'],
  ['wp.robot.resumed.v1', 'moving-again'],
  ['wp.input.restored.v1', 'unbypassed'],
]);

export function judgeEnding({ type, data }: Envelope): Ending {
  if (type === 'wp.supervision.restored.v1') return { topic: 'supervision', cause: 'restored' };
  if (type === TEST_ALARM) return { topic: 'path', cause: 'tested' };
  if (type === 'wp.health.changed.v1' && data.state === 'ok') {
    return { topic: topicOf(type, data), cause: 'recovered' };
  }
  const cause = ENDED_BY.get(type);
  if (cause === undefined) return null;
  return { topic: topicOf(type, data), cause: data.cause === 'unwatched' ? 'unwatched' : cause };
}

/**
 * Alarms with the same topic of the same device belong together while their incident is open: every press to the
 * one panic incident, every report of one object to that object's, every failure of one part to that part's.
 */
export function topicOf(type: string | null, data: Readonly<Record<string, unknown>>): string {
  const kind = type?.split('.')[1] ?? 'unreadable';
  const within = {
    object: data.objectId,
    health: data.part,
    sensor: data.sensor,
    tamper: data.input,
    input: data.input,
    identity: data.code,
    crowd: data.name,
    loitering: data.name,
    tailgating: data.name,
    // A fault of its own each, so that the end of one does not end another.
    camera: typeof data.fault === 'string' ? `${String(data.camera)}:${data.fault}` : data.camera,
  }[kind];
  return typeof within === 'string' ? `${kind}:${within}` : kind;
}

/** A further press may be another person: it starts the escalation of an acknowledged incident again. */
export const callsAgain = (type: string | null): boolean =>
  type === null || type.startsWith('wp.panic.') || type.startsWith('wp.duress.');

function matches(when: IncidentRule['when'], data: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(when).every(([field, values]) => values.some((value) => value === data[field]));
}
