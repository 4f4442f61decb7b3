import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A profile that says all itself, in 13 lines: no template, no site file, nothing that could be left out. */
export const TINY_PROFILE = `profileVersion: 1
name: tiny
kind: pillar
description: smallest
place: { label: here }
languages: [en]
supervisionS: 60
inputs:
  - { name: button, kind: button, with: { driver: sim } }
lamp: { driver: sim }
speaker: { driver: auto }
panic: { siren: false }
retention: { evidenceDays: 7 }
`;

/** Writes `p.yaml` into `folder`, with a camera on the test picture whose `zones` (YAML) stand in line 20. */
export function tinyCameraProfile(folder: string, zones: string): string {
  const file = join(folder, 'p.yaml');
  const camera = `camera:
  name: front
  width: 320
  framesPerSecond: 10
  dwellS: 60
  with: { driver: gstreamer, source: 'test://' }
  zones: ${zones}
`;
  writeFileSync(file, TINY_PROFILE + camera);
  return file;
}
