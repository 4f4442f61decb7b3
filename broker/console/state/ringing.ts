import type { IncidentItem } from '#contract/http.ts';
import { callsAgain, isClosed } from './ranking.ts';

/**
 * Which incidents ring after `item` was heard of. A new one that nobody took rings, and so does a further press
 * on one already taken, for it may be another person. Taking a step silences it; exercises never ring.
 */
export function ringingAfter(
  ringing: ReadonlySet<string>,
  before: IncidentItem | undefined,
  item: IncidentItem,
): ReadonlySet<string> {
  if (rings(before, item)) return ringing.has(item.id) ? ringing : new Set([...ringing, item.id]);
  if (!ringing.has(item.id) || !isAnswered(before, item)) return ringing;
  return new Set([...ringing].filter((id) => id !== item.id));
}

function rings(before: IncidentItem | undefined, item: IncidentItem): boolean {
  if (item.test || !(item.state === 'open' || callsAgain(item))) return false;
  return before === undefined || item.alarmCount > before.alarmCount;
}

function isAnswered(before: IncidentItem | undefined, item: IncidentItem): boolean {
  if (item.test || isClosed(item)) return true;
  if (item.state === 'open') return false;
  return item.state !== before?.state || acknowledgedAnew(before, item);
}

/** The escalation ended before its last rung: somebody answered the further press. */
const acknowledgedAnew = (before: IncidentItem, item: IncidentItem): boolean =>
  callsAgain(before) && !callsAgain(item) && item.escalations.length === before.escalations.length;
