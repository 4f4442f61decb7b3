import { encode } from 'fast-png';
import type { Zone } from '#agent/ports/vision-zones.ts';
import type { Picture } from '#agent/vision/evidence/pictures.ts';

/** Colours that differ in brightness too, and a dash of its own for each kind, for those who see no colours. */
export const LOOK = {
  watch: { colour: '#5ad1ff', dash: '' },
  ignore: { colour: '#ff7a6b', dash: '4 3' },
  dwell: { colour: '#ffe066', dash: '10 3' },
} as const satisfies Record<Zone['kind'], { colour: string; dash: string }>;

export const pngOf = ({ width, height, data }: Picture): Uint8Array =>
  encode({ width, height, data, channels: 1, depth: 8 });

export const dataUrlOf = (picture: Picture): string =>
  `data:image/png;base64,${Buffer.from(pngOf(picture)).toString('base64')}`;

/** `gate (watch, 60 s)` */
export const captionOf = ({ name, kind, dwellS }: Zone, cameraDwellS: number): string =>
  kind === 'ignore' ? `${name} (ignore)` : `${name} (${kind}, ${dwellS ?? cameraDwellS} s)`;

/** The picture with the zones over it and their names in them: opens in any browser. */
export function zonesSvg(picture: Picture, zones: readonly Zone[], dwellS: number): string {
  const { width, height } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width * 2}" height="${height * 2}">`,
    `<title>${zones.length} zones</title>`,
    `<image href="${dataUrlOf(picture)}" width="${width}" height="${height}"/>`,
    ...zones.map((zone) => outlineOf(zone, picture)),
    ...zones.map((zone) => labelOf(zone, picture, captionOf(zone, dwellS))),
    '</svg>\n',
  ].join('\n');
}

function outlineOf({ name, kind, polygon }: Zone, { width, height }: Picture): string {
  const points = polygon.map(([x, y]) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`).join(' ');
  const { colour, dash } = LOOK[kind];
  const style = `fill="${colour}" fill-opacity="0.18" stroke="${colour}" stroke-width="1.5"`;
  return `<polygon id="${name}" points="${points}" ${style}${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
}

/** White with a dark rim, so that it is read on any ground. */
function labelOf({ kind, polygon }: Zone, { width, height }: Picture, caption: string): string {
  const size = Math.max(7, Math.round(width / 40));
  const [x, y] = labelPlace(polygon);
  const place = `x="${(x * width).toFixed(1)}" y="${(y * height + size / 3).toFixed(1)}"`;
  const font = `font-family="sans-serif" font-size="${size}" font-weight="bold" text-anchor="middle"`;
  const ink = `fill="${LOOK[kind].colour}" stroke="#000" stroke-width="${(size / 4).toFixed(1)}" paint-order="stroke"`;
  return `<text ${place} ${font} ${ink}>${caption}</text>`;
}

/** The middle of the corners: within most outlines, and near the others. */
function labelPlace(polygon: Zone['polygon']): [number, number] {
  const sum = (axis: 0 | 1) => polygon.reduce((total, point) => total + point[axis], 0) / polygon.length;
  return [Math.min(0.85, Math.max(0.15, sum(0))), Math.min(0.95, Math.max(0.05, sum(1)))];
}

/** The same as PNG: outlines alone, numbered corners are for the page; black and white, so seen on any ground. */
export function zonesPng(picture: Picture, zones: readonly Zone[]): Uint8Array {
  const data = picture.data.slice();
  for (const { polygon } of zones) {
    polygon.forEach((from, index) => {
      const to = polygon[(index + 1) % polygon.length] ?? from;
      drawSide({ ...picture, data }, from, to);
    });
  }
  return pngOf({ ...picture, data });
}

/** A line two pixels wide in dots of black and white. */
function drawSide({ width, height, data }: Picture, from: readonly number[], to: readonly number[]): void {
  const [x0 = 0, y0 = 0] = [(from[0] ?? 0) * (width - 1), (from[1] ?? 0) * (height - 1)];
  const [x1 = 0, y1 = 0] = [(to[0] ?? 0) * (width - 1), (to[1] ?? 0) * (height - 1)];
  const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0));
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(x0 + ((x1 - x0) * step) / Math.max(1, steps));
    const y = Math.round(y0 + ((y1 - y0) * step) / Math.max(1, steps));
    const level = step % 8 < 4 ? 255 : 0;
    data.fill(level, y * width + x, y * width + Math.min(width, x + 2));
    if (y + 1 < height) data.fill(level, (y + 1) * width + x, (y + 1) * width + Math.min(width, x + 2));
  }
}
