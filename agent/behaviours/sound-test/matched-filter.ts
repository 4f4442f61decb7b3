/** Lags that are worked out before others get a turn: about a millisecond each time on a small machine. */
const LAGS_A_TURN = 200;
/** Around the peak lie the sweep's own side lobes and the room's echoes: they are no noise. Samples. */
const SKIRT = 400;

/** Where and how strongly a known sound is found in what was heard. */
export interface Match {
  /** Samples from the beginning of what was heard. */
  readonly lag: number;
  /** Level of the sound as heard against the sound as sent, in dB; −Infinity in silence. */
  readonly levelDb: number;
  /** The peak over the root mean square elsewhere: how surely it is the sound and not noise. */
  readonly sureness: number;
}

/**
 * The matched filter: c(k) = Σ heard(k + n) · sent(n), its peak at the sound's arrival, c / Σ sent² its amplitude
 * (Turin 1960). Yields between turns: an alarm must not wait for it.
 */
export async function matchOf(heard: Int16Array, sent: Int16Array): Promise<Match> {
  const lags = Math.max(0, heard.length - sent.length + 1);
  const found = new Float64Array(lags);
  for (let from = 0; from < lags; from += LAGS_A_TURN) {
    const until = Math.min(lags, from + LAGS_A_TURN);
    for (let lag = from; lag < until; lag += 1) found[lag] = Math.abs(productAt(heard, sent, lag));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return judge(found, productAt(sent, sent, 0));
}

function productAt(heard: Int16Array, sent: Int16Array, lag: number): number {
  let sum = 0;
  for (let n = 0; n < sent.length; n += 1) sum += (heard[lag + n] ?? 0) * (sent[n] ?? 0);
  return sum;
}

function judge(found: Float64Array, energy: number): Match {
  const peak = found.reduce((most, value) => Math.max(most, value), 0);
  const lag = found.indexOf(peak);
  const rest = found.filter((_value, at) => Math.abs(at - lag) > SKIRT);
  const noise = Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0) / Math.max(1, rest.length));
  const sureness = peak === 0 ? 0 : peak / Math.max(noise, Number.MIN_VALUE);
  return { lag, levelDb: 20 * Math.log10(peak / energy), sureness };
}
