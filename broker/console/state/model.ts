import type { WallMs } from '#contract/clock.ts';
import type { DeviceItem, IncidentDetail, IncidentItem } from '#contract/http.ts';
import type { Language } from '../words/words.ts';

/** How what is shown reaches this page. `down` is never shown as anything but down. */
export interface Connection {
  readonly state: 'connecting' | 'live' | 'down';
  readonly sinceMs: WallMs;
}

/** Why something could not be done, in terms that have words in every language. */
export interface Trouble {
  readonly kind: 'unreachable' | 'unauthorised' | 'limited' | 'conflict' | 'refused' | 'unreadable';
  /** The WP code, where the site gave one. */
  readonly code: string | null;
  readonly detail: string | null;
}

/** What became of the last order to a device. */
export interface OrderOutcome {
  readonly state: 'sent' | 'done' | 'refused' | 'unanswered';
  readonly detail: string | null;
}

/** Actions that ask for a word before they are sent. */
export type FormAction = 'assign' | 'resolve';

/** Where the keyboard should be next; a view acts on it once for each `n`. */
export interface FocusRequest {
  readonly target: 'none' | 'row' | 'detail';
  readonly n: number;
}

/** What the page shows under its banners. */
export type Screen = 'desk' | 'map';

/** Everything the page shows, in one place. */
export interface ConsoleState {
  readonly session: 'checking' | 'needed' | 'open';
  readonly screen: Screen;
  readonly language: Language;
  readonly incidents: ReadonlyMap<string, IncidentItem>;
  readonly devices: ReadonlyMap<string, DeviceItem>;
  readonly selectedId: string | null;
  /** Alarms and steps of the selected incident, once they have come. */
  readonly detail: IncidentDetail | null;
  /** Which of the two a narrow screen shows. */
  readonly pane: 'list' | 'detail';
  readonly form: FormAction | null;
  /** What is typed for the next step of the selected incident. */
  readonly note: string;
  /** An action has been sent and not been answered. */
  readonly busy: boolean;
  readonly connection: Connection;
  /** When the site last answered with everything; null before the first time. */
  readonly syncedAtMs: WallMs | null;
  /** Site clock minus this machine's: a dispatcher's wrong clock must not bend the timers. */
  readonly skewMs: number;
  /** Incidents that nobody has reacted to since their last alarm: they sound and flash. */
  readonly ringing: ReadonlySet<string>;
  readonly trouble: Trouble | null;
  /** By device. */
  readonly orders: ReadonlyMap<string, OrderOutcome>;
  readonly help: boolean;
  readonly sound: 'locked' | 'on';
  readonly focus: FocusRequest;
}

export function initialState(language: Language, nowMs: WallMs): ConsoleState {
  return {
    session: 'checking',
    screen: 'desk',
    language,
    incidents: new Map(),
    devices: new Map(),
    selectedId: null,
    detail: null,
    pane: 'list',
    form: null,
    note: '',
    busy: false,
    connection: { state: 'connecting', sinceMs: nowMs },
    syncedAtMs: null,
    skewMs: 0,
    ringing: new Set(),
    trouble: null,
    orders: new Map(),
    help: false,
    sound: 'locked',
    focus: { target: 'none', n: 0 },
  };
}
