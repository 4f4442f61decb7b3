/** A zone while it is drawn: what is not right yet is kept, and said. */
export interface DrawnZone {
  name: string;
  kind: 'watch' | 'ignore' | 'dwell';
  /** Seconds; empty for the camera's own. */
  dwellS: string;
  polygon: [number, number][];
}

const NAME = /^[a-z0-9-]{1,32}$/;
/** Four cells of 160×90: the smallest thing that is judged. */
const LEAST_SHARE = 4 / (160 * 90);

/** What would be refused in a profile, in words. `watchpost profile lint` has the last word. */
export function problemsOf(zones: readonly DrawnZone[]): string[] {
  return zones.flatMap((zone, index) => [...nameProblems(zone, zones, index), ...shapeProblems(zone)]);
}

function nameProblems(
  { name, kind, dwellS }: DrawnZone,
  zones: readonly DrawnZone[],
  index: number,
): string[] {
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push(`“${name}”: a name has 1 to 32 of a–z, 0–9 and -`);
  if (zones.findIndex((zone) => zone.name === name) !== index)
    problems.push(`${name}: the name is used twice`);
  const seconds = Number(dwellS);
  const isGiven = dwellS.trim() !== '' && kind !== 'ignore';
  if (isGiven && !(seconds >= 1 && seconds <= 3600)) problems.push(`${name}: the dwell time is 1 to 3600 s`);
  if (kind === 'dwell' && !isGiven) problems.push(`${name}: a dwell zone needs a dwell time`);
  return problems;
}

function shapeProblems({ name, polygon }: DrawnZone): string[] {
  if (crossesItself(polygon)) return [`${name}: its outline crosses itself`];
  return Math.abs(areaOf(polygon)) < LEAST_SHARE ? [`${name}: it is too small to hold a thing`] : [];
}

/** As a share of the picture; negative when its corners go round the other way. */
export function areaOf(polygon: readonly [number, number][]): number {
  let twice = 0;
  polygon.forEach(([x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length] ?? [x, y];
    twice += x * nextY - nextX * y;
  });
  return twice / 2;
}

/** Whether two sides that are not neighbours meet. */
export function crossesItself(polygon: readonly [number, number][]): boolean {
  const count = polygon.length;
  const at = (index: number): [number, number] => polygon[index % count] ?? [0, 0];
  for (let a = 0; a < count; a++) {
    for (let b = a + 2; b < count; b++) {
      if (a === 0 && b === count - 1) continue;
      if (meet(at(a), at(a + 1), at(b), at(b + 1))) return true;
    }
  }
  return false;
}

type Corner = [number, number];

function meet(a: Corner, b: Corner, c: Corner, d: Corner): boolean {
  const side = (from: Corner, to: Corner, [x, y]: Corner) =>
    Math.sign((to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]));
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}

/** As it stands in a profile, below `camera:`. */
export function yamlOf(zones: readonly DrawnZone[]): string {
  if (zones.length === 0) return 'zones: []\n';
  const lines = zones.flatMap(({ name, kind, dwellS, polygon }) => [
    `  - name: ${name}`,
    `    kind: ${kind}`,
    ...(kind === 'ignore' || dwellS.trim() === '' ? [] : [`    dwellS: ${Number(dwellS)}`]),
    `    polygon: [${polygon.map(([x, y]) => `[${short(x)}, ${short(y)}]`).join(', ')}]`,
  ]);
  return `zones:\n${lines.join('\n')}\n`;
}

/** A thousandth of the picture is less than a pixel of it. */
const short = (value: number): string => String(Number(value.toFixed(3)));
