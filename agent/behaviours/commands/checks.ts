import { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { Link } from '../../ports/link.ts';
import type { Memory } from '../../ports/memory.ts';
import type { SelfTestCheck } from './self-test.ts';

export interface StandardCheckParts {
  readonly memory: Memory;
  readonly link: Pick<Link, 'state'>;
  readonly clock: DeviceClock;
  readonly sensors: readonly Sensor[];
  /** How each part is, as in `up/state`. */
  readonly health: () => Readonly<Record<string, 'ok' | 'degraded' | 'failed'>>;
}

const PROBE_KEY = 'selftest';

/** What every device can look at by itself, without disturbing anybody nearby. */
export function standardChecks({
  memory,
  link,
  clock,
  sensors,
  health,
}: StandardCheckParts): SelfTestCheck[] {
  return [
    { name: 'store', run: () => writeAndRead(memory, clock.monoMs()) },
    { name: 'link', run: () => requireLink(link.state) },
    { name: 'clock', run: () => requireClock(clock.quality()) },
    ...sensors.map((sensor) => ({
      name: `sensor:${sensor.name}`,
      run: async () => `${await sensor.read()} ${sensor.unit}`,
    })),
    { name: 'health', run: () => requireHealth(health()) },
  ];
}

/** To disk and back: the same path that an open alarm takes. */
function writeAndRead(memory: Memory, value: number): undefined {
  memory.set(PROBE_KEY, value);
  if (memory.get(PROBE_KEY) !== value) throw new WatchpostError('WP2608', { detail: 'read back otherwise' });
}

function requireLink(state: Link['state']): string {
  if (state !== 'up') throw new WatchpostError('WP2200', { detail: state });
  return state;
}

function requireClock(quality: ReturnType<DeviceClock['quality']>): string {
  if (quality === 'unset') throw new WatchpostError('WP2605');
  return quality;
}

function requireHealth(health: Readonly<Record<string, string>>): undefined {
  const failed = Object.entries(health).filter(([, state]) => state === 'failed');
  if (failed.length === 0) return undefined;
  throw new WatchpostError('WP2108', { detail: `failed: ${failed.map(([part]) => part).join(', ')}` });
}
