import type { Lane } from './topics.ts';

/** Every event type and its lane; names agree everywhere (DESIGN, The wire). */
export const EVENT_LANES = {
  'wp.panic.pressed.v1': 'alarm',
  'wp.panic.repressed.v1': 'alarm',
  'wp.duress.signalled.v1': 'alarm',
  'wp.tamper.opened.v1': 'alarm',
  'wp.smoke.detected.v1': 'alarm',
  'wp.water.detected.v1': 'alarm',
  'wp.path.tested.v1': 'alarm',
  'wp.panic.released.v1': 'event',
  'wp.tamper.closed.v1': 'event',
  'wp.object.left.v1': 'event',
  'wp.object.updated.v1': 'event',
  'wp.object.reclaimed.v1': 'event',
  'wp.object.removed.v1': 'event',
  'wp.crowd.exceeded.v1': 'event',
  'wp.crowd.eased.v1': 'event',
  'wp.loitering.detected.v1': 'event',
  'wp.loitering.ended.v1': 'event',
  'wp.tailgating.detected.v1': 'event',
  'wp.camera.impaired.v1': 'event',
  'wp.camera.restored.v1': 'event',
  'wp.sensor.crossed.v1': 'event',
  'wp.health.changed.v1': 'event',
  'wp.agent.restarted.v1': 'event',
  'wp.profile.installed.v1': 'event',
  'wp.profile.confirmed.v1': 'event',
  'wp.profile.rejected.v1': 'event',
  'wp.identity.renewed.v1': 'event',
  'wp.rollout.halted.v1': 'event',
  'wp.selftest.finished.v1': 'event',
  'wp.sound.tested.v1': 'event',
  'wp.robot.stopped.v1': 'event',
  'wp.robot.resumed.v1': 'event',
  'wp.input.bypassed.v1': 'event',
  'wp.input.restored.v1': 'event',
  'wp.lane.dropped.v1': 'event',
  'wp.journal.created.v1': 'event',
  'wp.supervision.lost.v1': 'event',
  'wp.supervision.restored.v1': 'event',
  'wp.path.measured.v1': 'event',
  'wp.path.missed.v1': 'event',
  'wp.session.contested.v1': 'event',
  'wp.identity.refused.v1': 'event',
  'wp.telemetry.sampled.v1': 'telemetry',
} as const satisfies Record<string, Lane>;

export type EventType = keyof typeof EVENT_LANES;

export const EVENT_TYPES = Object.keys(EVENT_LANES).filter(isEventType);

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_LANES, type);
}
