import { WatchpostError } from '#contract/errors.ts';
import { loadAddon } from '#contract/native-addon.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverChoice } from '../../ports/makers.ts';
import { openCharacterLine } from './character-line.ts';
import { GpioInputConfig } from './config.ts';
import type { LineListener, OpenLine } from './open-line.ts';
import { loadOnoff, openSysfsLine } from './sysfs-line.ts';

/** With these the character device cannot be used at all, and `fallback: sysfs` is worth trying. */
const FALLS_BACK = ['WP2340', 'WP2349'];

/**
 * Opens the line that an input names.
 * @throws WatchpostError WP2340–WP2349
 */
export async function openInput(
  choice: DriverChoice,
  clock: Pick<DeviceClock, 'sinceBootMs'>,
  listener: LineListener,
): Promise<OpenLine> {
  const config = GpioInputConfig.parse(choice);
  try {
    return openCharacterLine(loadAddon(), config, listener);
  } catch (cause) {
    const fallsBack = cause instanceof WatchpostError && FALLS_BACK.includes(cause.code);
    if (!fallsBack || config.fallback === 'none') throw cause;
    return openSysfsLine({ Gpio: await loadOnoff(), clock }, config, listener);
  }
}
