import { loadAddon } from '#contract/native-addon.ts';
import type { DriverChoice } from '../../ports/makers.ts';
import { openOutputLine } from './character-line.ts';
import { GpioOutputConfig } from './config.ts';
import type { HeldOutput } from './output.ts';

/**
 * Opens the line that a lamp or siren names.
 * @throws WatchpostError WP2340–WP2349
 */
export function openOutput(choice: DriverChoice): HeldOutput {
  return openOutputLine(loadAddon(), GpioOutputConfig.parse(choice));
}
