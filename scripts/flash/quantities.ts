const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `10.0 MB`, as cards are sold: a thousand kB. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}
