import { localTimeIn, MINUTES_OF_DAY, minuteOf } from '#agent/ports/time-of-day.ts';
import type { VoiceSettings } from '#agent/ports/voice-settings.ts';
import type { ErrorCode } from '#contract/errors.ts';

interface VoiceProblem {
  readonly code: ErrorCode;
  /** From `voice` on. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** What is wrong with the `voice` of a profile, beyond its shape. */
export function voiceProblems(voice: VoiceSettings | undefined): VoiceProblem[] {
  if (voice === undefined) return [];
  return [...zoneProblems(voice.timeZone), ...emptySpans(voice), ...overlaps(voice)];
}

function zoneProblems(timeZone: string): VoiceProblem[] {
  try {
    localTimeIn(timeZone);
    return [];
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const hint = 'write a name of the IANA database, such as Asia/Shanghai or Europe/Berlin';
    return [{ code: 'WP2514', path: '.timeZone', message: `${timeZone} is no time zone`, hint }];
  }
}

function emptySpans({ volume }: VoiceSettings): VoiceProblem[] {
  return volume.flatMap(({ from, to }, index) => {
    if (from !== to) return [];
    const message = `is ${to}, when it begins`;
    const hint = 'write the time at which it ends; a whole day takes two entries, or the amplifier’s knob';
    return [{ code: 'WP2515', path: `.volume[${index}].to`, message, hint }];
  });
}

/** Each entry against those before it, minute by minute: spans past midnight need no rule of their own. */
function overlaps({ volume }: VoiceSettings): VoiceProblem[] {
  const takenBy = new Map<number, number>();
  return volume.flatMap(({ from, to }, index) => {
    const first = minuteOf(from);
    const length = (minuteOf(to) - first + MINUTES_OF_DAY) % MINUTES_OF_DAY;
    const minutes = Array.from({ length }, (_none, n) => (first + n) % MINUTES_OF_DAY);
    const taken = minutes.find((minute) => takenBy.has(minute));
    const other = takenBy.get(taken ?? Number.NaN);
    for (const minute of minutes) takenBy.set(minute, index);
    if (taken === undefined || other === undefined) return [];
    const message = `${from} to ${to} meets volume[${other}] at ${shown(taken)}`;
    return [
      { code: 'WP2513', path: `.volume[${index}]`, message, hint: 'let each end before the next begins' },
    ];
  });
}

const shown = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
