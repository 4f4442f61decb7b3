import type { IncidentAction } from '#contract/http.ts';

/** What of a keydown decides. */
export interface KeyPress {
  readonly key: string;
  readonly modified: boolean;
  /** Where the focus is: typed text is never a command, and Enter belongs to the control it is on. */
  readonly on: 'page' | 'control' | 'text';
}

export type KeyCommand =
  | { readonly kind: 'move'; readonly by: 1 | -1 }
  | { readonly kind: 'open' | 'back' | 'help' | 'silence' | 'map' }
  | { readonly kind: 'act'; readonly action: IncidentAction };

const MOVES = new Map<string, 1 | -1>([
  ['j', 1],
  ['ArrowDown', 1],
  ['k', -1],
  ['ArrowUp', -1],
]);

/** Keys of the steps, also shown on the buttons. */
export const ACTION_KEYS = {
  acknowledge: 'a',
  assign: 's',
  arrive: 'd',
  resolve: 'r',
  review: 'v',
} as const satisfies Record<IncidentAction, string>;

const ACTIONS = new Map<string, IncidentAction>([
  [ACTION_KEYS.acknowledge, 'acknowledge'],
  [ACTION_KEYS.assign, 'assign'],
  [ACTION_KEYS.arrive, 'arrive'],
  [ACTION_KEYS.resolve, 'resolve'],
  [ACTION_KEYS.review, 'review'],
]);

/** What a key means, or null when it means nothing here. */
export function commandOf({ key, modified, on }: KeyPress): KeyCommand | null {
  if (key === 'Escape') return { kind: 'back' };
  if (modified || on === 'text') return null;
  const by = MOVES.get(key);
  if (by !== undefined) return { kind: 'move', by };
  if (key === 'Enter') return on === 'page' ? { kind: 'open' } : null;
  if (key === '?') return { kind: 'help' };
  if (key === 'm') return { kind: 'silence' };
  if (key === 'g') return { kind: 'map' };
  const action = ACTIONS.get(key);
  return action === undefined ? null : { kind: 'act', action };
}
