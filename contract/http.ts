import * as z from 'zod';
import { Envelope } from './envelope.ts';
import { BlobReference, EVENT_DATA, Place } from './event-data.ts';
import { CommandReply, DeviceState, INCIDENT_STATES } from './messages.ts';

/** Shapes of the HTTP API under /api/v1 (DESIGN, Command line and HTTP). They grow only by addition. */
export const API_ROOT = '/api/v1';

/** RFC 9457 problem details; `code` is the WP code. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** A device's test alarm, as it travelled (docs/care.md). */
export const PathTest = z.looseObject({
  eventId: z.string(),
  cause: z.enum(['daily', 'first', 'command']),
  /** When the device raised it (corrected where its clock was unset), by the device's clock. */
  raisedAt: z.string(),
  /** When the ledger had it on disk, and when the receipt was out, by the site's clock. */
  receivedAt: z.string(),
  receiptedAt: z.string().nullable(),
  /** Milliseconds on the device from its journal to PUBACK and to the receipt; null until it has told them. */
  sentMs: z.number().nullable(),
  receivedMs: z.number().nullable(),
});
export type PathTest = z.infer<typeof PathTest>;

export const DeviceItem = z.looseObject({
  /** `{site}.{device}` */
  id: z.string(),
  site: z.string(),
  device: z.string(),
  online: z.boolean(),
  lastSeenAt: z.string().nullable(),
  place: Place.nullable(),
  /** The newest `up/state`, or null when none has come yet. */
  state: DeviceState.nullable(),
  /** Id of the newest incident that is not resolved, or null. */
  openIncidentId: z.string().nullable(),
  /** Its newest test alarm; null while none has come. */
  lastTest: PathTest.nullable().optional(),
});
export type DeviceItem = z.infer<typeof DeviceItem>;

export const IncidentStep = z.looseObject({
  state: z.enum(INCIDENT_STATES),
  at: z.string(),
  who: z.string(),
  note: z.string().nullable(),
  assignee: z.string().nullable(),
  cause: z.string().nullable(),
});
export type IncidentStep = z.infer<typeof IncidentStep>;

/** One rung of the escalation that was reached. `delivered` is null while the notifier is still trying. */
export const EscalationStep = z.looseObject({
  step: z.int(),
  name: z.string(),
  at: z.string(),
  delivered: z.boolean().nullable(),
});
export type EscalationStep = z.infer<typeof EscalationStep>;

/** What a camera says of the thing that an alarm is about: what is known of it by now. */
export const Sighting = EVENT_DATA['wp.object.left.v1'].omit({ place: true, picture: true });
export type Sighting = z.infer<typeof Sighting>;

export const IncidentAlarm = z.looseObject({
  eventId: z.string(),
  type: z.string(),
  /** When the device says it happened, corrected by the site where the device's clock was unset. */
  time: z.string(),
  receivedAt: z.string(),
  picture: BlobReference.nullable(),
  sighting: Sighting.nullable().optional(),
});
export type IncidentAlarm = z.infer<typeof IncidentAlarm>;

export const IncidentItem = z.looseObject({
  id: z.string(),
  rev: z.int(),
  state: z.enum(INCIDENT_STATES),
  /** Event type that opened it. */
  type: z.string(),
  test: z.boolean(),
  site: z.string(),
  device: z.string(),
  place: Place.nullable(),
  openedAt: z.string(),
  acknowledgedAt: z.string().nullable(),
  resolvedAt: z.string().nullable(),
  assignee: z.string().nullable(),
  alarmCount: z.int(),
  lastAlarmAt: z.string(),
  /** When the next rung of the escalation is due, or null when none is. */
  nextEscalationAt: z.string().nullable(),
  escalations: z.array(EscalationStep),
});
export type IncidentItem = z.infer<typeof IncidentItem>;

/** `GET incidents/{id}`: the item with its alarms (oldest first) and steps. */
export const IncidentDetail = IncidentItem.extend({
  alarms: z.array(IncidentAlarm),
  steps: z.array(IncidentStep),
});
export type IncidentDetail = z.infer<typeof IncidentDetail>;

export const INCIDENT_ACTIONS = ['acknowledge', 'assign', 'arrive', 'resolve', 'review'] as const;
export type IncidentAction = (typeof INCIDENT_ACTIONS)[number];

export const IncidentActionBody = z.strictObject({
  note: z.string().max(2000).optional(),
  assignee: z.string().min(1).max(100).optional(),
  cause: z.string().max(100).optional(),
});
export type IncidentActionBody = z.infer<typeof IncidentActionBody>;

/** An event item is the envelope plus when and as which row the ledger took it. */
export const EventItem = Envelope.and(z.looseObject({ receivedAt: z.string(), row: z.int() }));
export type EventItem = z.infer<typeof EventItem>;

/** `POST devices/{id}/commands`. */
export const CommandBody = z.strictObject({
  name: z.string().min(1).max(40),
  args: z.record(z.string(), z.unknown()).default({}),
  /** Seconds until the device refuses it. */
  expiresInS: z.number().min(1).max(3600).default(30),
});
export type CommandBody = z.infer<typeof CommandBody>;

/** What `POST devices/{id}/commands` and `GET devices/{id}/commands/{id}` answer. */
export const CommandItem = z.looseObject({
  id: z.string(),
  device: z.string(),
  name: z.string(),
  who: z.string(),
  /** Null while the device has not answered. */
  reply: CommandReply.nullable(),
});
export type CommandItem = z.infer<typeof CommandItem>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Names of the events of `GET stream`; the data of each is the JSON of the item named. */
export const STREAM_EVENTS = ['incident', 'device', 'event', 'reply'] as const;

/** `GET session`: who asks, and what they may. */
export const SessionItem = z.looseObject({
  name: z.string(),
  role: z.string(),
  permissions: z.array(z.string()),
  /** When the session ends at the latest; null for a token. */
  expiresAt: z.string().nullable(),
});
export type SessionItem = z.infer<typeof SessionItem>;

export const PersonItem = z.looseObject({
  name: z.string(),
  role: z.string(),
  /** Those of the site configuration can only be changed there. */
  source: z.enum(['configuration', 'site']),
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  createdAt: z.string().nullable(),
  createdBy: z.string().nullable(),
});
export type PersonItem = z.infer<typeof PersonItem>;

export const DEVICE_ROLES = ['pillar', 'robot', 'mast', 'door'] as const;
export type DeviceRole = (typeof DEVICE_ROLES)[number];

/** `PUT enrolments/{id}`: a device that was given an identity. */
export const Enrolment = z.strictObject({
  place: Place,
  /** What it is, one or more. */
  roles: z.array(z.enum(DEVICE_ROLES)).min(1).max(DEVICE_ROLES.length),
  /** Of its certificate. */
  serial: z.string().regex(/^[0-9a-f]{1,40}$/),
  expiresAt: z.iso.datetime(),
});
export type Enrolment = z.infer<typeof Enrolment>;

export const EnrolmentItem = z.looseObject({
  id: z.string(),
  ...Enrolment.shape,
  enrolledAt: z.string(),
  enrolledBy: z.string(),
  /** Null while it was never heard of. */
  lastSeenAt: z.string().nullable(),
});
export type EnrolmentItem = z.infer<typeof EnrolmentItem>;

export const TokenItem = z.looseObject({
  id: z.string(),
  person: z.string(),
  label: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.string(),
  createdBy: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  expired: z.boolean(),
});
export type TokenItem = z.infer<typeof TokenItem>;

/** `POST tokens`: the only answer that has the secret. */
export const NewTokenItem = TokenItem.extend({ token: z.string() });
export type NewTokenItem = z.infer<typeof NewTokenItem>;
