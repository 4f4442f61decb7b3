import { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { GpioInputConfig } from './config.ts';
import { lineError } from './line-errors.ts';
import type { LineListener, OpenLine } from './open-line.ts';
import { SYSFS_FOLDER, sysfsNumber } from './sysfs.ts';

/** The part used of onoff's Gpio (6.0.3). */
interface OnoffLine {
  readSync(): 0 | 1;
  watch(callback: (error: Error | null | undefined, value: 0 | 1) => void): void;
  unwatchAll(): void;
  unexport(): void;
}

export type OnoffGpio = new (
  gpio: number,
  direction: 'in',
  edge: 'both',
  options: { debounceTimeout?: number; activeLow: boolean },
) => OnoffLine;

/** @throws WatchpostError WP2348 where the optional package is missing or was not built */
export async function loadOnoff(): Promise<OnoffGpio> {
  try {
    const { Gpio } = await import('onoff');
    return Gpio;
  } catch (cause) {
    throw new WatchpostError('WP2348', { detail: 'the package onoff', cause });
  }
}

interface Parts {
  readonly Gpio: OnoffGpio;
  readonly clock: Pick<DeviceClock, 'sinceBootMs'>;
  readonly folder?: string;
}

/**
 * An input line of a kernel without the character device's second version. Worse in three ways: edges are dated when
 * they arrive, two that come faster than they are read are one, and a bias cannot be set.
 * @throws WatchpostError WP2341–WP2349
 */
export function openSysfsLine(
  { Gpio, clock, folder = SYSFS_FOLDER }: Parts,
  { chip, line, activeLow, debounceMs }: Pick<GpioInputConfig, 'chip' | 'line' | 'activeLow' | 'debounceMs'>,
  listener: LineListener,
): OpenLine {
  const place = `line ${line} of ${chip} through sysfs`;
  const number = sysfsNumber(chip, Number(line), folder);
  const debounce = debounceMs > 0 ? { debounceTimeout: debounceMs } : {};
  let held: OnoffLine | null = opened(
    () => new Gpio(number, 'in', 'both', { activeLow, ...debounce }),
    place,
  );
  held.watch((error, value) => {
    if (held === null) return;
    if (error) listener.gone(error);
    else listener.edge({ active: value === 1, atMonoMs: clock.sinceBootMs(), edges: 1 });
  });
  return {
    active: () => held?.readSync() === 1,
    close: () => {
      held?.unwatchAll();
      held?.unexport();
      held = null;
    },
  };
}

function opened(open: () => OnoffLine, place: string): OnoffLine {
  try {
    return open();
  } catch (cause) {
    throw lineError(cause, place);
  }
}
