import type { DeviceItem, IncidentAction, IncidentItem } from '#contract/http.ts';
import type { IncidentState } from '#contract/messages.ts';
import type { ConsoleState } from './model.ts';

/** Open incidents first (most urgent on top), then those that wait for their review. */
export function listedIncidents(state: ConsoleState): IncidentItem[] {
  return [...state.incidents.values()].filter((item) => item.state !== 'reviewed').sort(byUrgency);
}

export const isClosed = (item: IncidentItem): boolean =>
  item.state === 'resolved' || item.state === 'reviewed';

/**
 * Unanswered before answered, exercises after both, closed last; among equals danger to life before danger to
 * things before faults; then the newest alarm first.
 */
export function byUrgency(a: IncidentItem, b: IncidentItem): number {
  return (
    standing(a) - standing(b) ||
    severity(a.type) - severity(b.type) ||
    Date.parse(b.lastAlarmAt) - Date.parse(a.lastAlarmAt) ||
    b.id.localeCompare(a.id)
  );
}

function standing(item: IncidentItem): number {
  if (isClosed(item)) return 3;
  if (item.test) return 2;
  return item.state === 'open' || callsAgain(item) ? 0 : 1;
}

const LIFE = /^wp\.(panic|duress|smoke)\./;
const THINGS = /^wp\.(water|tamper|object)\./;

function severity(type: string): number {
  if (LIFE.test(type)) return 0;
  return THINGS.test(type) ? 1 : 2;
}

const ACTIONS_BY_STATE = {
  open: ['acknowledge', 'assign', 'arrive', 'resolve'],
  acknowledged: ['assign', 'arrive', 'resolve'],
  assigned: ['arrive', 'resolve', 'assign'],
  'on-scene': ['resolve'],
  resolved: ['review'],
  reviewed: [],
} as const satisfies Record<IncidentState, readonly IncidentAction[]>;

/**
 * What a dispatcher may do next, the expected step first; skipping forward is allowed, and so is sending somebody
 * else. A further press on one already taken has to be acknowledged anew, or the escalation goes on.
 */
export function nextActions(item: IncidentItem): readonly IncidentAction[] {
  const actions: readonly IncidentAction[] = ACTIONS_BY_STATE[item.state];
  return callsAgain(item) ? ['acknowledge', ...actions] : actions;
}

/** Taken by somebody, and escalating all the same: pressed again since. */
export const callsAgain = (item: IncidentItem): boolean =>
  item.state !== 'open' && !isClosed(item) && item.nextEscalationAt !== null;

/** Devices in trouble first, then by name. */
export function listedDevices(state: ConsoleState): DeviceItem[] {
  return [...state.devices.values()].sort((a, b) => calm(a) - calm(b) || a.id.localeCompare(b.id));
}

function calm(device: DeviceItem): number {
  if (device.openIncidentId !== null) return 0;
  return device.online ? 2 : 1;
}

/** The incident whose alarm is to be announced: the most urgent of those that ring. */
export function loudest(state: ConsoleState): IncidentItem | null {
  return listedIncidents(state).find((item) => state.ringing.has(item.id)) ?? null;
}
