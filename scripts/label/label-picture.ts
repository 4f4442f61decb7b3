import { encode } from 'fast-png';
import type { PrintFont } from '#broker/print/font.ts';
import type { LabelLayout } from './label-layout.ts';
import { type Edge, edgesOf, fillEdges } from './outline-fill.ts';

/** Of label printers. */
const DOTS_PER_MM = 300 / 25.4;

/** Black on white, one channel of 8 bits, 300 dots an inch. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The label as PNG. */
export const labelPng = (layout: LabelLayout, font: PrintFont): Uint8Array =>
  encode({ ...drawLabel(layout, font), channels: 1, depth: 8 });

export function drawLabel({ widthMm, heightMm, squares, lines }: LabelLayout, font: PrintFont): Picture {
  const width = Math.round(widthMm * DOTS_PER_MM);
  const height = Math.round(heightMm * DOTS_PER_MM);
  const picture = { width, height, data: new Uint8Array(width * height).fill(255) };
  for (const { x, y, size } of squares) {
    const [left, right] = [Math.round(x * DOTS_PER_MM), Math.round((x + size) * DOTS_PER_MM)];
    const [top, bottom] = [Math.round(y * DOTS_PER_MM), Math.round((y + size) * DOTS_PER_MM)];
    for (let row = top; row < bottom; row += 1) picture.data.fill(0, row * width + left, row * width + right);
  }
  for (const line of lines) fillEdges(edgesOfLine(line, font), picture);
  return picture;
}

function edgesOfLine({ x, y, sizeMm, text }: LabelLayout['lines'][number], font: PrintFont): Edge[] {
  const size = sizeMm * DOTS_PER_MM;
  return font.outlinesOf(text).flatMap((glyph) =>
    edgesOf(glyph.steps, {
      x: x * DOTS_PER_MM + glyph.x * size,
      y: y * DOTS_PER_MM,
      scale: size / font.units,
    }),
  );
}
