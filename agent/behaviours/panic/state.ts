import type { EventData } from '#contract/event-data.ts';
import type { IncidentNotice, IncidentState } from '#contract/messages.ts';
import type { DeliveryStage } from '../../ports/events.ts';
import type { ContactEdge, InputKind } from '../../ports/inputs.ts';
import type { LampPattern } from '../../ports/outputs.ts';
import type { VoicePriority } from '../../ports/speaker.ts';

/** How far a call for help has come (DESIGN, Panic; docs/panic.md). */
export const PANIC_PHASES = [
  'idle',
  'pressed',
  'stored',
  'unstored',
  'sent',
  'received',
  'acknowledged',
  'attending',
  'closed',
] as const;
export type PanicPhase = (typeof PANIC_PHASES)[number];

/** Milliseconds since the machine booted: holds over a restart of the agent. */
export type BootMs = number;

export type Delivery = 'pressed' | 'stored' | 'unstored' | 'sent' | 'received';

export interface PanicRules {
  readonly stuckAfterMs: number;
  /** 0: no siren at a press. */
  readonly pressSirenMs: number;
  /** The longest that anybody may sound it. */
  readonly sirenMaxMs: number;
  readonly repeatEveryMs: number;
  /** Further edges of one contact within this time become one counted row at its end. */
  readonly chatterMs: number;
  /** A press that the broker has not confirmed after this long counts as waiting for the link. */
  readonly graceMs: number;
  /** "Sent" is spoken only when "received" has not overtaken it by then. */
  readonly sentAfterMs: number;
  /** How long the end is shown before the device is idle again. */
  readonly closedForMs: number;
  /** A delivered call of which nothing more is heard is given up after this long: its end was missed. */
  readonly forgottenAfterMs: number;
}

/** What is known of one contact. Times are of the edges' own stamps. */
export interface Contact {
  readonly kind: InputKind;
  /** null: never seen on this device. */
  readonly active: boolean | null;
  /** Seen since this start. */
  readonly fresh: boolean;
  readonly sinceMs: BootMs;
  readonly lastRowMs: BootMs | null;
  readonly lastReleaseMs: BootMs | null;
  /** Raw edges waiting to be told in one row. */
  readonly foldedEdges: number;
  /** A release that waits for the end of the chatter time: when it was. */
  readonly releaseDueMs: BootMs | null;
  readonly stuck: boolean;
  /** The alarm that its last press became. */
  readonly rowId: string | null;
}

/** An open call for help. What is shown follows the newest press of it, for that may be another person's. */
export interface Call {
  readonly firstId: string | null;
  readonly newestId: string | null;
  readonly delivery: Delivery;
  /** The newest notice that names the newest press. */
  readonly notice: {
    readonly incidentId: string;
    readonly rev: number;
    readonly state: IncidentState;
  } | null;
  /** When the newest press was made, when its delivery or notice last changed. */
  readonly pressedMs: BootMs;
  readonly changedMs: BootMs;
}

export interface Prompt {
  readonly key: string;
  readonly repeat: 'once' | 'repeating';
  /** The press it answers: a further press is answered anew, in the same words if they are still true. */
  readonly about: string | null;
}

export interface PanicState {
  readonly contacts: Readonly<Record<string, Contact>>;
  readonly call: Call | null;
  readonly linkUp: boolean;
  readonly test: { readonly inputs: readonly string[]; readonly untilMs: BootMs } | null;
  /** Inputs whose alarms are counted only. */
  readonly bypassed: readonly string[];
  readonly siren: { readonly untilMs: BootMs } | null;
  readonly sirenOffMs: BootMs | null;
  readonly shown: {
    readonly lamp: LampPattern | null;
    readonly siren: boolean;
    readonly prompt: Prompt | null;
  };
}

type Pressed = { readonly type: 'wp.panic.pressed.v1' } & Counted;
type Repressed = { readonly type: 'wp.panic.repressed.v1'; readonly pressId: string } & Counted;
interface Counted {
  readonly cause: 'edge' | 'start';
  readonly edges: number;
  /** Counts what chattered after a row of its own: what is shown stays with that row. */
  readonly folded: boolean;
}
interface Switched {
  readonly type: 'wp.duress.signalled.v1' | 'wp.tamper.opened.v1';
  readonly cause: 'edge' | 'start';
  readonly edges: number;
}
export type AlarmDraft = Pressed | Repressed | Switched;

export type EventDraft =
  | ({ readonly type: 'wp.panic.released.v1' } & Pick<
      EventData<'wp.panic.released.v1'>,
      'pressId' | 'heldMs'
    >)
  | { readonly type: 'wp.tamper.closed.v1'; readonly cause: 'edge' | 'start' }
  | ({ readonly type: 'wp.health.changed.v1' } & Pick<
      EventData<'wp.health.changed.v1'>,
      'part' | 'state' | 'code' | 'detail'
    >);

export type PanicInput =
  /** The first: outputs follow what was remembered. */
  | { readonly kind: 'started' }
  /** The level that a contact was found at. */
  | { readonly kind: 'level'; readonly input: string; readonly active: boolean }
  /** Nobody reads it any more; a level comes when it is read again. */
  | { readonly kind: 'lost'; readonly input: string }
  | { readonly kind: 'edge'; readonly input: string; readonly edge: ContactEdge }
  | {
      readonly kind: 'recorded';
      readonly input: string;
      readonly alarm: AlarmDraft;
      readonly id: string;
      readonly stored: boolean;
    }
  /** The journal threw: not even held in memory. It is tried again. */
  | { readonly kind: 'unrecorded'; readonly input: string; readonly alarm: AlarmDraft }
  | { readonly kind: 'delivery'; readonly id: string; readonly stage: DeliveryStage }
  | { readonly kind: 'notice'; readonly notice: IncidentNotice }
  | { readonly kind: 'link'; readonly state: 'up' | 'down' }
  | { readonly kind: 'test'; readonly inputs: readonly string[]; readonly forMs: number }
  /** All that are bypassed from now on. */
  | { readonly kind: 'bypassed'; readonly inputs: readonly string[] }
  | { readonly kind: 'siren'; readonly order: 'on' | 'off'; readonly forMs: number }
  | { readonly kind: 'tick' }
  /** The agent stops: what waits to be counted is told now. */
  | { readonly kind: 'closing' };

export type RecordEffect =
  | { readonly kind: 'recordAlarm'; readonly input: string; readonly alarm: AlarmDraft }
  | { readonly kind: 'recordEvent'; readonly input: string; readonly event: EventDraft };

export type PanicEffect =
  | RecordEffect
  | { readonly kind: 'urgeLink' }
  | { readonly kind: 'lamp'; readonly pattern: LampPattern }
  | { readonly kind: 'siren'; readonly set: 'on' | 'off' }
  | {
      readonly kind: 'say';
      readonly key: string;
      readonly priority: VoicePriority;
      readonly repeatEveryMs: number | null;
    }
  | { readonly kind: 'hush'; readonly priority: VoicePriority }
  /** `at-once` where forgetting would raise an alarm twice or lose one; levels may wait a second. */
  | { readonly kind: 'remember'; readonly when: 'at-once' | 'soon' }
  | { readonly kind: 'stateChanged' };

export function newContact(kind: InputKind): Contact {
  return {
    kind,
    active: null,
    fresh: false,
    sinceMs: 0,
    lastRowMs: null,
    lastReleaseMs: null,
    foldedEdges: 0,
    releaseDueMs: null,
    stuck: false,
    rowId: null,
  };
}

export function initialState(kinds: Readonly<Record<string, InputKind>>): PanicState {
  const contacts = Object.entries(kinds).map(([name, kind]) => [name, newContact(kind)] as const);
  return {
    contacts: Object.fromEntries(contacts),
    call: null,
    linkUp: false,
    test: null,
    bypassed: [],
    siren: null,
    sirenOffMs: null,
    shown: { lamp: null, siren: false, prompt: null },
  };
}

/** The phase, which is derived and never stored: delivery of the newest press, overtaken by its incident. */
export function phaseOf({ call }: Pick<PanicState, 'call'>): PanicPhase {
  if (call === null) return 'idle';
  switch (call.notice?.state) {
    case undefined:
    case 'open':
      return call.delivery;
    case 'acknowledged':
      return 'acknowledged';
    case 'assigned':
    case 'on-scene':
      return 'attending';
    case 'resolved':
    case 'reviewed':
      return 'closed';
  }
}
