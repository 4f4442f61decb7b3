/** Seconds as people say them: `90 s`, `3 min`, `2 h`, `7 days`. */
export function spokenSeconds(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  const unit = units.find(([size]) => seconds >= size && seconds % size === 0);
  if (unit === undefined) return `${seconds} s`;
  const count = seconds / unit[0];
  return unit[1] === 'day' ? spokenDays(count) : `${count} ${unit[1]}`;
}

export const spokenDays = (days: number): string => `${days} day${days === 1 ? '' : 's'}`;

/** Whole MiB or KiB where it is, else bytes. */
export function spokenBytes(bytes: number): string {
  if (bytes >= 1_048_576 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  return bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
