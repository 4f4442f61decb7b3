/** A point on a floor, in metres. */
export type Point = readonly [number, number];

/** What of a floor is shown, in metres, y upwards. */
export interface ViewBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = 0.04;
/** So close that a robot fills a third of the picture. */
const LEAST_WIDTH_M = 3;

/** The whole floor with a margin round it. */
export function wholeFloor(min: Point, max: Point): ViewBox {
  const [width, height] = [max[0] - min[0], max[1] - min[1]];
  const margin = Math.max(width, height) * MARGIN;
  return { x: min[0] - margin, y: min[1] - margin, width: width + 2 * margin, height: height + 2 * margin };
}

/** Smaller for a factor below 1; the point stays where it is on the screen. Never more than the whole, never too close. */
export function zoomed(view: ViewBox, factor: number, whole: ViewBox, at: Point = middleOf(view)): ViewBox {
  const least = Math.min(LEAST_WIDTH_M / view.width, 1);
  const scale = Math.min(Math.max(factor, least), whole.width / view.width);
  return within(
    {
      x: at[0] - (at[0] - view.x) * scale,
      y: at[1] - (at[1] - view.y) * scale,
      width: view.width * scale,
      height: view.height * scale,
    },
    whole,
  );
}

/** Moved by metres, as far as there is floor. */
export const moved = (view: ViewBox, [dx, dy]: Point, whole: ViewBox): ViewBox =>
  within({ ...view, x: view.x + dx, y: view.y + dy }, whole);

/** With a point in the middle, as far as there is floor around it. */
export const centred = (view: ViewBox, [x, y]: Point, whole: ViewBox): ViewBox =>
  within({ ...view, x: x - view.width / 2, y: y - view.height / 2 }, whole);

export const middleOf = ({ x, y, width, height }: ViewBox): Point => [x + width / 2, y + height / 2];

/** SVG counts y downwards. */
export const svgBox = ({ x, y, width, height }: ViewBox): string =>
  `${x} ${-(y + height)} ${width} ${height}`;

export const svgPoints = (points: readonly Point[]): string => points.map(([x, y]) => `${x},${-y}`).join(' ');

function within(view: ViewBox, whole: ViewBox): ViewBox {
  const keep = (at: number, size: number, from: number, all: number) =>
    Math.max(Math.min(at, from + all - Math.min(size, all)), from);
  return {
    ...view,
    x: keep(view.x, view.width, whole.x, whole.width),
    y: keep(view.y, view.height, whole.y, whole.height),
  };
}
