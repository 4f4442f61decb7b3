import type { DeviceProfile } from '../ports/profile.ts';

/**
 * What is left of a profile in safe mode: the alarm path. Buttons, tamper contacts, smoke and water, lamp, siren and
 * voice stay; camera, touch screen, wheels, moving parts, measurements and the test of the sound are left off, and so
 * are the boards that only they need. Name, place, languages and what the site goes by stay as they are.
 */
export function safeProfile(profile: DeviceProfile): DeviceProfile {
  const {
    camera: _camera,
    kiosk: _kiosk,
    guidance: _guidance,
    base: _base,
    drive: _drive,
    voice,
    ...kept
  } = profile;
  const inputs = profile.inputs.filter(({ kind }) => ALARM_INPUTS.has(kind));
  const sensors = profile.sensors.filter(({ thresholds }) =>
    thresholds.some(({ alarm }) => alarm !== undefined),
  );
  const needed = boardsIn([inputs, sensors, profile.lamp, profile.siren]);
  return {
    ...kept,
    // A device without any alarm input has no alarm path: it keeps what it has.
    inputs: inputs.length === 0 ? profile.inputs : inputs,
    sensors,
    actuators: [],
    waypoints: [],
    boards: profile.boards.filter(({ name }) => needed.has(name)),
    ...(voice === undefined ? {} : { voice: withoutTest(voice) }),
  };
}

const ALARM_INPUTS: ReadonlySet<string> = new Set(['button', 'duress', 'tamper']);

function withoutTest(voice: NonNullable<DeviceProfile['voice']>): NonNullable<DeviceProfile['voice']> {
  const { selfTest: _selfTest, ...rest } = voice;
  return rest;
}

/** Names under the key `board`, however deep: a supervised line reads a pin of a board. */
function boardsIn(value: unknown): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([key, inner]) =>
      key === 'board' && typeof inner === 'string' ? [inner] : [...boardsIn(inner)],
    ),
  );
}
