import { coverAt, type Mosaic, PLACE, THING, toneOf } from './mosaic.ts';
import type { Patch } from './patch.ts';
import type { Picture } from './pictures.ts';

/** Lines around blocks that cover somebody, so that they are seen for what they are. */
const SEAM_LEVELS = 20;

/**
 * Draws a mosaic, and in it things: only where a block is covered by something that keeps still, and with the pixels
 * they had when they stood alone. What stands in front of one is therefore not shown, whatever it is.
 */
export function rendered(mosaic: Mosaic, ...patches: readonly (Patch | null)[]): Picture {
  const { width, height } = mosaic.grid;
  const data = new Uint8Array(width * height);
  for (let block = 0; block < mosaic.grid.size; block++) {
    if (coverAt(mosaic, block) === PLACE) fill(mosaic, block, data);
    else cover(mosaic, block, data);
  }
  for (const patch of patches) if (patch !== null) drawPatch(mosaic, patch, data);
  return { width, height, data };
}

/** The block as the place is. */
function fill({ grid, place }: Mosaic, block: number, data: Uint8Array): void {
  const { left, top, right, bottom } = grid.rectOf(block);
  for (let y = top; y < bottom; y++)
    data.fill(place[block] ?? 0, y * grid.width + left, y * grid.width + right);
}

/** The block in the tone of what covers it, with a seam at its upper and left edge. */
function cover({ grid, cover: covers }: Mosaic, block: number, data: Uint8Array): void {
  const { left, top, right, bottom } = grid.rectOf(block);
  const tone = toneOf(covers[block] ?? 0);
  const seam = tone >= 128 ? tone - SEAM_LEVELS : tone + SEAM_LEVELS;
  for (let y = top; y < bottom; y++) {
    data.fill(y === top ? seam : tone, y * grid.width + left, y * grid.width + right);
    data[y * grid.width + left] = seam;
  }
}

function drawPatch(mosaic: Mosaic, { rect, pixels, shown }: Patch, data: Uint8Array): void {
  const { grid } = mosaic;
  for (const block of grid.touchedBy(rect)) if (coverAt(mosaic, block) === THING) fill(mosaic, block, data);
  for (let y = rect.top, from = 0; y < rect.bottom; y++) {
    for (let x = rect.left; x < rect.right; x++, from++) {
      if (shown[from] !== 1 || coverAt(mosaic, grid.at(x, y)) !== THING) continue;
      data[y * grid.width + x] = pixels[from] ?? 0;
    }
  }
}
