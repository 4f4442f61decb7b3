import { seeded } from '#test/support/random.ts';

/** A face as grey levels around zero, all with the same mean and the same contrast, so that only its pattern tells. */
export interface Face {
  readonly width: number;
  readonly height: number;
  /** Row by row; mean 0, standard deviation 1. */
  readonly pattern: Float32Array;
}

/** `count` faces that differ in hair, brows, eyes, glasses, nose, mouth and beard, and in which side the light is. */
export function facesOf(count: number, width: number, height: number, seed = 1): Face[] {
  const below = seeded(seed);
  const random = () => below(1_000_000) / 1_000_000;
  return Array.from({ length: count }, () => faceOf(width, height, random));
}

function faceOf(width: number, height: number, random: () => number): Face {
  const between = (from: number, to: number) => from + (to - from) * random();
  const [hair, hairLevel] = [between(0.12, 0.35), between(-90, 40)];
  const [eyes, apart, eyeSize] = [between(0.38, 0.48), between(0.16, 0.26), between(0.05, 0.1)];
  const [mouth, mouthWide] = [between(0.7, 0.82), between(0.12, 0.3)];
  const [beard, glasses, light] = [between(-60, 10), random() < 0.4 ? -60 : 0, between(-40, 40)];
  const levelAt = (u: number, v: number): number => {
    let level = 60 + light * (u - 0.5);
    if (v < hair) level = hairLevel;
    if (v > mouth - 0.1) level += beard;
    for (const side of [-1, 1]) {
      const distance = Math.hypot(u - 0.5 - side * apart, v - eyes);
      if (distance < eyeSize) level = -80;
      if (Math.abs(distance - 2 * eyeSize) < 0.04) level += glasses;
    }
    if (Math.abs(v - mouth) < 0.04 && Math.abs(u - 0.5) < mouthWide) level = -50;
    return level;
  };
  const raw = Float32Array.from({ length: width * height }, (_, i) =>
    levelAt(((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height),
  );
  return { width, height, pattern: normalised(raw) };
}

/** With mean 0 and standard deviation 1. */
export function normalised(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / Math.max(1e-6, spread));
}

/** How alike two patterns are, whatever their light and contrast: −1 to 1; 0 where one has no pattern at all. */
export function correlationOf(a: Float32Array, b: Float32Array): number {
  const [p, q] = [normalised(a), normalised(b)];
  return p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0) / p.length;
}
