import type { DeviceClock } from '../../ports/clock.ts';
import type { VoicePriority } from '../../ports/speaker.ts';
import { localTimeIn, minuteOf } from '../../ports/time-of-day.ts';
import type { VoiceSettings } from '../../ports/voice-settings.ts';

/** What people in trouble need to hear: not said more quietly than the floor. */
const HAS_FLOOR: Readonly<Record<VoicePriority, 'floor' | 'none'>> = {
  'talk-back': 'floor',
  alarm: 'floor',
  hazard: 'floor',
  guidance: 'none',
  ambient: 'none',
};

/**
 * How loud a prompt is to be said now, in dB, 0 or below. With a clock that was never set the hour is unknown, and
 * everything is said in full.
 */
export function volumeByHour(
  { timeZone, volume, alarmFloorDb }: VoiceSettings,
  clock: Pick<DeviceClock, 'wallMs' | 'quality'>,
): (priority: VoicePriority) => number {
  if (volume.length === 0) return () => 0;
  const localTime = localTimeIn(timeZone);
  return (priority) => {
    if (clock.quality() === 'unset') return 0;
    const { minute } = localTime(clock.wallMs());
    const db = volume.find((span) => isWithin(minute, span))?.db ?? 0;
    return HAS_FLOOR[priority] === 'floor' ? Math.max(db, alarmFloorDb) : db;
  };
}

function isWithin(minute: number, span: { readonly from: string; readonly to: string }): boolean {
  const [from, to] = [minuteOf(span.from), minuteOf(span.to)];
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
