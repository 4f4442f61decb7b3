import type { GroupCommit } from '#broker/persistence/ports.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';

/** Events looked at: of these the one that came fastest tells most. */
const RECENT = 20;

/**
 * Milliseconds since the device booted, as the site would guess them now, or null when it has heard nothing of that
 * boot: the only clock by which a command can expire on a device that does not know the time. An event that was
 * delayed on its way makes the guess too low, which lets a command expire too early and never too late.
 */
export function guessUptimeMs(
  { sql }: GroupCommit,
  device: DeviceAddress,
  { bootId, nowMs }: { bootId: string; nowMs: number },
): number | null {
  const events = sql
    .prepare<[string, string, number], { mono_ms: number; received_at: string }>(
      'SELECT mono_ms, received_at FROM ledger_event WHERE source = ? AND boot = ? ORDER BY row DESC LIMIT ?',
    )
    .all(sourceOf(device), bootId, RECENT);
  const guesses = events.map(({ mono_ms, received_at }) => mono_ms + nowMs - Date.parse(received_at));
  return guesses.length === 0 ? null : Math.floor(Math.max(...guesses));
}
