/** Something found, in pixels of the model's input. */
export interface Found {
  readonly label: string;
  readonly score: number;
  /** [left, top, right, bottom] */
  readonly corners: readonly [number, number, number, number];
}

/** Boxes of one label sharing more of their union than this are one thing: the usual value of both families. */
const SAME_THING = 0.5;
/** The best of them are enough: pictures of a hall hold fewer people. */
const MAX_CANDIDATES = 300;

/** Non-maximum suppression by label: of boxes that are one thing, the best is kept. Best first. */
export function suppressed(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  const candidates = [...found].sort((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  for (const candidate of candidates) {
    const isKnown = kept.some(
      (other) => other.label === candidate.label && shared(other, candidate) > SAME_THING,
    );
    if (!isKnown) kept.push(candidate);
  }
  return kept;
}

/** Intersection over union. */
function shared({ corners: a }: Found, { corners: b }: Found): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (areaOf(a) + areaOf(b) - intersection);
}

const areaOf = ([left, top, right, bottom]: Found['corners']): number => (right - left) * (bottom - top);
