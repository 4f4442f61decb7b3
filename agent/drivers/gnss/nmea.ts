import type { Position } from '#contract/great-circle.ts';
import type { Fix, FixReader } from './fix.ts';

/** NMEA 0183: 79 characters between `$` and the end; some receivers send a few more. */
const MOST_CHARACTERS = 120;

/** The fields of one sentence, without its talker (`GP`, `GN`, `BD`…); null without a right checksum. */
export function sentenceOf(line: string): { readonly kind: string; readonly fields: string[] } | null {
  if (line.length > MOST_CHARACTERS) return null;
  const parts = /^\$([A-Z]{2})([A-Z]{3}),([^*$]*)\*([0-9A-Fa-f]{2})\s*$/.exec(line);
  if (parts === null) return null;
  const [, talker = '', kind = '', rest = '', sum = ''] = parts;
  if (checksum(`${talker}${kind},${rest}`) !== Number.parseInt(sum, 16)) return null;
  return { kind, fields: rest.split(',') };
}

/** Exclusive or of all characters between `$` and `*`. */
export const checksum = (text: string): number =>
  [...text].reduce((sum, character) => sum ^ character.charCodeAt(0), 0);

/**
 * Fixes out of sentences of any talker. GGA has position, quality, satellites and dilution; RMC says whether the
 * receiver itself believes it (its second field is V: it does not).
 */
export class NmeaReader implements FixReader {
  #warned = false;

  take(line: string): Fix | null {
    const sentence = sentenceOf(line);
    if (sentence?.kind === 'GGA') return this.#gga(sentence.fields);
    if (sentence?.kind === 'RMC') this.#warned = sentence.fields[1] !== 'A';
    return null;
  }

  /** time, latitude, N|S, longitude, E|W, quality (0: none, 6: estimated, 7: by hand, 8: simulated), satellites, hdop */
  #gga([, latitude, ns, longitude, ew, quality, satellites, hdop]: string[]): Fix | null {
    const measured = ['1', '2', '3', '4', '5'].includes(quality ?? '');
    const position = positionOf(latitude, ns, longitude, ew);
    if (this.#warned || !measured || position === null) return null;
    return { ...position, hdop: numberOf(hdop), satellites: numberOf(satellites) };
  }
}

function positionOf(latitude = '', ns = '', longitude = '', ew = ''): Position | null {
  const north = degreesOf(latitude, /^(\d{2})(\d{2}(?:\.\d+)?)$/, 90);
  const east = degreesOf(longitude, /^(\d{3})(\d{2}(?:\.\d+)?)$/, 180);
  if (north === null || east === null || !/^[NS]$/.test(ns) || !/^[EW]$/.test(ew)) return null;
  return { latitude: ns === 'S' ? -north : north, longitude: ew === 'W' ? -east : east };
}

/** `ddmm.mmmm`: degrees and minutes. */
function degreesOf(text: string, pattern: RegExp, most: number): number | null {
  const parts = pattern.exec(text);
  if (parts === null) return null;
  const minutes = Number(parts[2]);
  const degrees = Number(parts[1]) + minutes / 60;
  return minutes < 60 && degrees <= most ? degrees : null;
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
