import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import type { Test } from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';

const PILLAR = `profileVersion: 1
name: pillar
kind: pillar
description: what a short run looks at
place: { label: "somewhere" }
languages: [en]
supervisionS: 600
inputs:
  - { name: button, kind: button, with: { driver: sim } }
  - { name: tamper, kind: tamper, with: { driver: sim } }
lamp: { driver: sim }
siren: { driver: sim }
speaker: { driver: auto }
panic: { siren: true }
retention: { evidenceDays: 7 }
sensors:
  - name: battery
    unit: V
    periodS: 1
    deadband: 0.1
    atLeastEveryS: 300
    thresholds: [{ direction: below, limit: 11.5, clear: 12 }]
    with: { driver: sim, value: 12.6 }
`;
const CAMERA = `camera:
  name: front
  width: 320
  framesPerSecond: 10
  dwellS: 60
  with: { driver: gstreamer, source: 'test://' }
  zones:
    - { name: gate, kind: watch, polygon: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]] }
`;

const SITE_FILE = `siteVersion: 1
devices:
  pillar-001: { place: { label: "滨江路 3 号, bus stop", latitude: 31.2304, longitude: 121.4737 } }
`;

/** What tells how far the device is from its place, by a receiver behind gpsd. */
const receiver = (port: number) => `  - name: from-place
    unit: m
    periodS: 1
    deadband: 5
    atLeastEveryS: 300
    with: { driver: gnss, gpsd: "127.0.0.1:${port}", measure: distance }
`;

/** A gpsd whose receiver is at this latitude, on the meridian of the pillar's place. */
export async function gpsdAt(t: Pick<Test, 'teardown'>, latitude: string): Promise<number> {
  const fix = `{"class":"TPV","mode":3,"lat":${latitude},"lon":121.4737}\n`;
  const server = createServer((socket) => {
    const timer = setInterval(() => socket.write(fix), 1_000);
    socket.on('error', () => undefined).on('close', () => clearInterval(timer));
    socket.write(fix);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts broker and `pillar-001`, and enters a certificate for it, as `provision` does; waits until it is there. */
export async function startPillar(site: TestSite, camera: 'camera' | 'none', gpsd?: number): Promise<void> {
  const profile = join(site.dir, 'pillar.yaml');
  const siteFile = join(site.dir, 'site.yaml');
  const sensors = gpsd === undefined ? '' : receiver(gpsd);
  writeFileSync(profile, PILLAR + sensors + (camera === 'camera' ? CAMERA : ''));
  writeFileSync(siteFile, SITE_FILE);
  await site.startBroker();
  await site.request('PUT', 'enrolments/demo.pillar-001', {
    ...{ place: { label: 'here' }, roles: ['pillar'], serial: '4e10', expiresAt: '2099-01-01T00:00:00.000Z' },
  });
  await site.startAgent('pillar-001', { profile: relative(ROOT, profile), siteFile });
  await until('the device is there', async () => {
    const { body } = await site.request('GET', 'devices/demo.pillar-001');
    const { online, state } = Object(body);
    return online === true && state?.parts !== undefined;
  });
}
