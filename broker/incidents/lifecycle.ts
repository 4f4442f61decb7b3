import { WatchpostError } from '#contract/errors.ts';
import type { IncidentAction } from '#contract/http.ts';
import { INCIDENT_STATES, type IncidentState } from '#contract/messages.ts';

/** Where each action leads. */
export const ACTION_STATES = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  arrive: 'on-scene',
  resolve: 'resolved',
  review: 'reviewed',
} as const satisfies Record<IncidentAction, IncidentState>;

/** What the lifecycle looks at in an incident. */
export interface LifecyclePosition {
  readonly state: IncidentState;
  readonly assignee: string | null;
  /** A further press after the acknowledgement has set the escalation going again. */
  readonly calling: boolean;
}

export interface ActionRequest {
  readonly action: IncidentAction;
  readonly assignee?: string | undefined;
}

/**
 * `step`: to be recorded, leads to `state`. `repeat`: already so, nothing to do.
 * Steps may be skipped forward. Two repeats are steps all the same: giving it to somebody else, and acknowledging
 * a press that came after the first acknowledgement. A step backward, or anything but a review after the
 * incident was resolved, throws WP3201.
 */
export type Verdict = { readonly kind: 'step' | 'repeat'; readonly state: IncidentState };

export function judgeAction(position: LifecyclePosition, { action, assignee }: ActionRequest): Verdict {
  const target = ACTION_STATES[action];
  const distance = rank(target) - rank(position.state);
  if (distance > 0) return { kind: 'step', state: target };
  if (action === 'acknowledge' && position.calling) return { kind: 'step', state: position.state };
  if (distance < 0) {
    throw new WatchpostError('WP3201', { detail: `${action} while ${position.state}` });
  }
  const handedOver = action === 'assign' && assignee !== undefined && assignee !== position.assignee;
  return { kind: handedOver ? 'step' : 'repeat', state: position.state };
}

/** Resolved and reviewed incidents take no further alarms: the next one opens another. */
export const isClosed = (state: IncidentState): boolean => rank(state) >= rank('resolved');

const rank = (state: IncidentState): number => INCIDENT_STATES.indexOf(state);
