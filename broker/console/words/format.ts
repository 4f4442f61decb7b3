import type { Language } from './words.ts';

/** `m:ss`, or `h:mm:ss` from an hour on; never negative. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes}:${seconds}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** A time of day, with the date when it is not today's. */
export function timeOf(language: Language, at: string | number, nowMs: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '–';
  const sameDay = date.toDateString() === new Date(nowMs).toDateString();
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  return new Intl.DateTimeFormat(language, sameDay ? clock : { ...day, ...clock }).format(date);
}

/** Degrees with five decimals: about a metre. */
export const degrees = (value: number): string => value.toFixed(5);
