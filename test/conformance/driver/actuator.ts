import t from 'tap';
import type { Actuator } from '#agent/ports/actuators.ts';

export interface ActuatorRig {
  /** Its rest is 20°. */
  readonly actuator: Actuator;
  /** Where it stands now or is on its way to, in degrees; null when nothing turns or holds it. */
  stands(): number | null | Promise<number | null>;
  /** How far that may be off. */
  readonly tolerance: number;
}

/** What every driver of an actuator has to keep. */
export function actuatorConformance(driver: string, rig: () => Promise<ActuatorRig>): void {
  const listener = (told: string[] = []) => ({
    lost: () => void told.push('lost'),
    back: () => void told.push('back'),
  });
  const close = (stands: number | null, degrees: number, tolerance: number) =>
    stands !== null && Math.abs(stands - degrees) <= tolerance;

  t.test(`${driver}: it starts at its rest and stands where it was told to`, async (t) => {
    const { actuator, stands, tolerance } = await rig();
    const told: string[] = [];
    await t.rejects(actuator.turn(90), { code: 'WP2390' }, 'nothing is turned before the start');
    await actuator.start(listener(told));
    t.strictSame(told, ['back']);
    t.ok(close(await stands(), 20, tolerance), 'at rest');
    for (const degrees of [90, 0, 180, 135]) {
      await actuator.turn(degrees);
      t.ok(close(await stands(), degrees, tolerance), `${degrees}°`);
    }
    await actuator.close();
  });

  t.test(`${driver}: at its end it goes to its rest, and a new start remembers nothing`, async (t) => {
    const { actuator, stands, tolerance } = await rig();
    await actuator.start(listener());
    await actuator.turn(150);
    await actuator.close();
    t.ok(close(await stands(), 20, tolerance));
    await actuator.close();
    await t.rejects(actuator.turn(90), { code: 'WP2390' });
    await actuator.start(listener());
    t.ok(close(await stands(), 20, tolerance));
    await actuator.close();
  });
}
