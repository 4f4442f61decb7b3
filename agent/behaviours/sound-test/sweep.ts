/** Of the test sound and of what is heard; loudspeakers of pillars carry 300 to 3400 Hz, as telephones do. */
export const SAMPLE_RATE = 8000;

const FROM_HZ = 500;
const TO_HZ = 3000;
const LENGTH_S = 0.3;
/** Eased in and out, so that it does not click. */
const TAPER_S = 0.02;
/** −12 dB of the loudest: heard, and nothing to be frightened by. */
const AMPLITUDE = 8192;

/**
 * A short rising chirp. Compressed by its matched filter it stands out of noise by its time-bandwidth product:
 * 2500 Hz × 0.3 s = 750, 29 dB (Turin, An introduction to matched filters, 1960).
 */
export function sweep(): Int16Array {
  const length = SAMPLE_RATE * LENGTH_S;
  return Int16Array.from({ length }, (_none, n) => {
    const t = n / SAMPLE_RATE;
    const turns = FROM_HZ * t + ((TO_HZ - FROM_HZ) * t * t) / (2 * LENGTH_S);
    const edge = Math.min(1, t / TAPER_S, (LENGTH_S - t) / TAPER_S);
    return Math.round(AMPLITUDE * Math.sin((Math.PI / 2) * edge) ** 2 * Math.sin(2 * Math.PI * turns));
  });
}
