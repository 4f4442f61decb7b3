/** Middle and tail of a series of durations. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** The value below which `share` of them lie; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

export function spread(values: readonly number[]): Spread {
  return { p50: rounded(quantile(values, 0.5), 3), p99: rounded(quantile(values, 0.99), 3) };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
