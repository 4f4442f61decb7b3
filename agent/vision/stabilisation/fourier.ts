/**
 * Transforms `count` complex signals of `length` (a power of two) in place: the k-th value of signal s is at
 * `s * signalStep + k * step`. Iterative radix 2 (Cooley and Tukey 1965); `direction` -1 is forward, 1 is back,
 * neither is scaled.
 */
export function transform(
  re: Float32Array,
  im: Float32Array,
  { count, length, step, signalStep }: { count: number; length: number; step: number; signalStep: number },
  direction: -1 | 1,
): void {
  for (let signal = 0; signal < count; signal++) {
    reverse(re, im, signal * signalStep, length, step);
    for (let size = 2; size <= length; size *= 2) {
      butterflies(re, im, signal * signalStep, length, step, size, direction);
    }
  }
}

/** Puts values in bit-reversed order. */
function reverse(re: Float32Array, im: Float32Array, begins: number, length: number, step: number): void {
  for (let k = 1, mirrored = 0; k < length; k++) {
    let bit = length >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
    if (k >= mirrored) continue;
    const a = begins + k * step;
    const b = begins + mirrored * step;
    const x = re[a] ?? 0;
    const y = im[a] ?? 0;
    re[a] = re[b] ?? 0;
    im[a] = im[b] ?? 0;
    re[b] = x;
    im[b] = y;
  }
}

function butterflies(
  re: Float32Array,
  im: Float32Array,
  begins: number,
  length: number,
  step: number,
  size: number,
  direction: -1 | 1,
): void {
  const half = size / 2;
  for (let k = 0; k < half; k++) {
    const angle = (direction * 2 * Math.PI * k) / size;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    for (let block = k; block < length; block += size) {
      const a = begins + block * step;
      const b = a + half * step;
      const x = (re[b] ?? 0) * c - (im[b] ?? 0) * s;
      const y = (re[b] ?? 0) * s + (im[b] ?? 0) * c;
      re[b] = (re[a] ?? 0) - x;
      im[b] = (im[a] ?? 0) - y;
      re[a] = (re[a] ?? 0) + x;
      im[a] = (im[a] ?? 0) + y;
    }
  }
}
