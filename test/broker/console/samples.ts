import { v7 as uuidv7 } from 'uuid';
import type { BlobReference } from '#contract/event-data.ts';
import type { DeviceItem, IncidentAlarm, IncidentDetail, Sighting } from '#contract/http.ts';

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

/** A bag left alone for a minute, with a strip of four pictures. */
export function sampleSighting(blob: (id: string) => BlobReference): Sighting {
  const moments = [
    ['before', 15] as const,
    ['put-down', 19] as const,
    ['alone', 30] as const,
    ['now', 90] as const,
  ];
  return {
    ...{ objectId: 'o1', box: [0.2, 0.6, 0.1, 0.1], score: 0.9, reason: 'alone for 60.0 s', camera: 'front' },
    ...{ t: 90, since: 30, state: 'unattended' },
    measurements: {
      ...{ dwellS: 60, ownerLastSeenT: 29, broughtWithin: 0.2, ownerDistance: null, nearestDistance: 2.4 },
      ...{ heightInPersons: 0.28, widthInPersons: 0.32, ghostScore: 0.03, personScore: 0, edgeRatio: 7.9 },
      ...{ residualMotion: 0, lightChange: 1, clearShare: 0.9 },
    },
    filmstrip: moments.map(([moment, t]) => ({ moment, t, picture: blob(moment) })),
  };
}
