import { v7 as uuidv7 } from 'uuid';
import type { DeviceItem, IncidentAlarm, IncidentDetail } from '#contract/http.ts';

/** An incident as a site tells it; give what the case is about. */
export function sampleIncident(fields: Partial<IncidentDetail> = {}): IncidentDetail {
  const openedAt = fields.openedAt ?? new Date().toISOString();
  const type = fields.type ?? 'wp.panic.pressed.v1';
  const alarms = fields.alarms ?? [sampleAlarm({ type, time: openedAt, receivedAt: openedAt })];
  return {
    id: uuidv7(),
    rev: 1,
    state: 'open',
    type,
    test: false,
    site: 'dev',
    device: 'pillar-001',
    place: { label: '学府路北门', latitude: 31.2304, longitude: 121.4737, floor: '1F' },
    openedAt,
    acknowledgedAt: null,
    resolvedAt: null,
    assignee: null,
    alarmCount: alarms.length,
    lastAlarmAt: openedAt,
    nextEscalationAt: new Date(Date.parse(openedAt) + 60_000).toISOString(),
    escalations: [
      {
        step: 0,
        name: 'nearest-robot-and-consoles',
        at: openedAt,
        delivered: true,
        consoles: 1,
        robot: 'robot-001',
      },
    ],
    steps: [],
    ...fields,
    alarms,
  };
}

export function sampleAlarm(fields: Partial<IncidentAlarm> = {}): IncidentAlarm {
  const at = new Date().toISOString();
  return {
    eventId: uuidv7(),
    type: 'wp.panic.pressed.v1',
    time: at,
    receivedAt: at,
    picture: null,
    ...fields,
  };
}

export function sampleDevice(fields: Partial<DeviceItem> = {}): DeviceItem {
  const device = fields.device ?? 'pillar-001';
  return {
    id: `dev.${device}`,
    site: 'dev',
    device,
    online: true,
    lastSeenAt: new Date().toISOString(),
    place: { label: '学府路北门' },
    state: {
      online: true,
      boot: 3,
      conn: 1,
      profile: { name: 'roadside', version: 1, kind: 'pillar' },
      outputs: { panic: 'idle', lamp: 'idle', siren: false, voice: null },
      clock: { quality: 'synced', time: new Date().toISOString() },
      queues: { alarm: 0, event: 0, telemetry: 0 },
      health: { camera: 'ok', voice: 'ok' },
      supervisionS: 90,
    },
    openIncidentId: null,
    ...fields,
  };
}
