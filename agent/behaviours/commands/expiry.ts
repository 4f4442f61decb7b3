import type { Command } from '#contract/messages.ts';
import type { DeviceClock } from '../../ports/clock.ts';

/**
 * Why a command may not be carried out any more, or null. By the wall clock where that was ever set; else by the boot
 * and the milliseconds since it; and where neither is to be had it is refused, for it might be old.
 */
export function expiryOf(
  { expiresAt, boot, notAfterMono }: Command,
  clock: DeviceClock,
): 'WP2101' | 'WP2102' | null {
  if (clock.quality() !== 'unset') return clock.wallMs() > Date.parse(expiresAt) ? 'WP2101' : null;
  if (boot === undefined || notAfterMono === undefined) return 'WP2102';
  return boot !== clock.bootId || clock.sinceBootMs() > notAfterMono ? 'WP2101' : null;
}
