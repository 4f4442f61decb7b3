import type { Sensor } from '../../ports/inputs.ts';
import type { DeviceProfile } from '../../ports/profile.ts';
import { SensorWatch, type SensorWatchParts } from './sensor-watch.ts';

export type SensorsParts = Omit<SensorWatchParts, 'sensor' | 'config'> & {
  readonly sensors: readonly {
    readonly sensor: Sensor;
    readonly config: DeviceProfile['sensors'][number];
  }[];
};

/** All sensors of a device, each sampled at its own pace; one that fails or hangs leaves the others alone. */
export class SensorsBehaviour {
  readonly #watches: ReadonlyMap<string, SensorWatch>;

  constructor({ sensors, ...rest }: SensorsParts) {
    this.#watches = new Map(
      sensors.map(({ sensor, config }) => [sensor.name, new SensorWatch({ sensor, config, ...rest })]),
    );
  }

  start(): void {
    for (const watch of this.#watches.values()) watch.start();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watches.values()].map((watch) => watch.close()));
  }

  /** How each sensor is, by part name as in health events. */
  health(): Record<string, 'ok' | 'degraded' | 'failed'> {
    return Object.fromEntries([...this.#watches].map(([name, watch]) => [`sensor:${name}`, watch.state]));
  }
}
