import t, { type Test } from 'tap';
import type { Sensor } from '#agent/ports/inputs.ts';
import { WatchpostError } from '#contract/errors.ts';

export interface SensorRig {
  readonly sensor: Sensor;
  /** Makes it read this, or fail. */
  set(level: number | 'fail'): Promise<void>;
  /** Its finest step, where it has steps. */
  readonly tolerance?: number;
}

const reads = async (t: Test, { sensor, tolerance = 0 }: SensorRig, level: number) => {
  const read = await sensor.read();
  t.ok(Math.abs(read - level) <= tolerance, `${read} for ${level}`);
};

/** What every driver of a sensor has to keep. */
export function sensorConformance(driver: string, rig: () => Promise<SensorRig>): void {
  t.test(`${driver}: a sensor reads what is there, each time anew`, async (t) => {
    const made = await rig();
    const { sensor, set } = made;
    await sensor.start();
    for (const level of [21.5, -3, 0]) {
      await set(level);
      await reads(t, made, level);
    }
    t.ok(sensor.unit.length > 0 && sensor.unit.length <= 20);
    await sensor.close();
  });

  t.test(
    `${driver}: a reading that is not to be had rejects with a WP23 code, and it recovers`,
    async (t) => {
      const made = await rig();
      const { sensor, set } = made;
      await sensor.start();
      await set('fail');
      const error = await sensor.read().catch((cause: unknown) => cause);
      t.ok(error instanceof WatchpostError && error.code.startsWith('WP23'), String(error));
      await set(5);
      await reads(t, made, 5);
      await sensor.close();
    },
  );

  t.test(`${driver}: before its start and after its end a sensor reads nothing`, async (t) => {
    const { sensor } = await rig();
    await t.rejects(sensor.read(), WatchpostError);
    await sensor.start();
    await sensor.close();
    await sensor.close();
    await t.rejects(sensor.read(), WatchpostError);
  });
}
