import type { WallMs } from '#contract/clock.ts';
import type { DeviceItem, IncidentDetail, IncidentItem } from '#contract/http.ts';
import type { Language } from '../words/words.ts';
import type { Connection, FormAction, OrderOutcome, Screen, Trouble } from './model.ts';

/** Everything as the site listed it. */
export interface Snapshot {
  readonly incidents: readonly IncidentItem[];
  readonly devices: readonly DeviceItem[];
  /** Incidents on the page when it asked: of those, what is no longer listed is gone. */
  readonly knownBefore: ReadonlySet<string>;
  readonly atMs: WallMs;
  readonly skewMs: number;
}

/** What stood on the page when a step was sent: by the time of its answer something else may. */
export interface SentAction {
  readonly id: string;
  readonly form: FormAction | null;
  readonly note: string;
}

/** What can happen to the page. */
export type ConsoleEvent =
  | { readonly type: 'session-needed'; readonly trouble: Trouble | null }
  | { readonly type: 'session-opened' }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'incident'; readonly incident: IncidentItem }
  | { readonly type: 'device'; readonly device: DeviceItem }
  | { readonly type: 'detail'; readonly detail: IncidentDetail }
  | { readonly type: 'connection'; readonly state: Connection['state']; readonly atMs: WallMs }
  | { readonly type: 'selected'; readonly id: string }
  | { readonly type: 'moved'; readonly by: 1 | -1 }
  | { readonly type: 'opened' }
  | { readonly type: 'backed' }
  | { readonly type: 'form-opened'; readonly form: FormAction }
  | { readonly type: 'note-typed'; readonly note: string }
  | { readonly type: 'action-sent' }
  | { readonly type: 'action-done'; readonly sent: SentAction }
  | { readonly type: 'action-failed'; readonly trouble: Trouble }
  | { readonly type: 'order'; readonly device: string; readonly outcome: OrderOutcome }
  | { readonly type: 'trouble-closed' }
  | { readonly type: 'silenced' }
  | { readonly type: 'sound-unlocked' }
  | { readonly type: 'help-toggled' }
  | { readonly type: 'screen-chosen'; readonly screen: Screen }
  | { readonly type: 'language'; readonly language: Language };
