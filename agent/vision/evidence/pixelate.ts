import { heightOf, type Rect, widthOf } from '../tracking/rect.ts';
import type { Picture } from './pictures.ts';

/** What must not be recognisable, and what may be shown. */
export interface Privacy {
  /** 1 for each pixel that moves or has come in. */
  readonly hidden: Uint8Array;
  /** Rectangles of everybody followed. */
  readonly people: readonly Rect[];
  /** 1 for each pixel of the object itself and its rim; null for a picture without one. */
  readonly shown: Uint8Array | null;
  /** Side of the blocks: of a person this size, no part is left that tells who it is. */
  readonly blockPx: number;
}

/** People are hidden with this share of their size around them, for what the detector did not see of them. */
const PEOPLE_MARGIN = 0.25;
/** Grey levels of a block are coarsened to steps of this, so that nothing is left to compare by. */
const LEVEL_STEP = 8;

/**
 * The picture with everything that moves in large blocks of one grey level each, and the object clear. It cannot
 * be undone: a block keeps one number of its hundreds. In doubt a block is hidden, with its neighbours.
 */
export function pixelated(picture: Picture, privacy: Privacy): Picture {
  const { width, height } = picture;
  const data = picture.data.slice();
  const columns = blockColumns(width, privacy);
  const hide = spread(blocksToHide(picture, privacy), columns, blockRows(height, privacy));
  // Their margin is in proportion already, so it is not spread further.
  for (const person of privacy.people) {
    coverBlocks(hide, withMargin(person, width, height), columns, privacy.blockPx);
  }
  hide.forEach((isHidden, block) => {
    if (isHidden === 0) return;
    flatten(picture, data, blockRect(block, columns, privacy.blockPx, width, height), privacy);
  });
  return { width, height, data };
}

const blockColumns = (width: number, { blockPx }: Privacy): number => Math.ceil(width / blockPx);
const blockRows = (height: number, { blockPx }: Privacy): number => Math.ceil(height / blockPx);

function blocksToHide({ width, height }: Picture, privacy: Privacy): Uint8Array {
  const { hidden, shown, blockPx } = privacy;
  const columns = blockColumns(width, privacy);
  const blocks = new Uint8Array(columns * blockRows(height, privacy));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (hidden[i] !== 1 || shown?.[i] === 1) continue;
      blocks[Math.floor(y / blockPx) * columns + Math.floor(x / blockPx)] = 1;
    }
  }
  return blocks;
}

function withMargin(person: Rect, width: number, height: number): Rect {
  const dx = Math.ceil(widthOf(person) * PEOPLE_MARGIN);
  const dy = Math.ceil(heightOf(person) * PEOPLE_MARGIN);
  return {
    left: Math.max(0, person.left - dx),
    top: Math.max(0, person.top - dy),
    right: Math.min(width, person.right + dx),
    bottom: Math.min(height, person.bottom + dy),
  };
}

function coverBlocks(blocks: Uint8Array, rect: Rect, columns: number, blockPx: number): void {
  for (let row = Math.floor(rect.top / blockPx); row * blockPx < rect.bottom; row++) {
    for (let column = Math.floor(rect.left / blockPx); column * blockPx < rect.right; column++) {
      blocks[row * columns + column] = 1;
    }
  }
}

/** Hides the eight neighbours of each hidden block too. */
function spread(blocks: Uint8Array, columns: number, rows: number): Uint8Array {
  const out = blocks.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (blocks[row * columns + column] !== 1) continue;
      for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
          out[r * columns + c] = 1;
        }
      }
    }
  }
  return out;
}

function blockRect(block: number, columns: number, side: number, width: number, height: number): Rect {
  const left = (block % columns) * side;
  const top = Math.floor(block / columns) * side;
  return { left, top, right: Math.min(width, left + side), bottom: Math.min(height, top + side) };
}

/** One level for all of the block that is not the object's; the object's own pixels do not enter it. */
function flatten({ width, data: from }: Picture, to: Uint8Array, rect: Rect, { shown }: Privacy): void {
  let sum = 0;
  let count = 0;
  forEachPixel(rect, width, (i) => {
    if (shown?.[i] === 1) return;
    sum += from[i] ?? 0;
    count++;
  });
  const level = count === 0 ? 0 : Math.round(sum / count / LEVEL_STEP) * LEVEL_STEP;
  forEachPixel(rect, width, (i) => {
    if (shown?.[i] !== 1) to[i] = Math.min(255, level);
  });
}

function forEachPixel(rect: Rect, width: number, visit: (i: number) => void): void {
  for (let y = rect.top; y < rect.bottom; y++) {
    for (let x = rect.left; x < rect.right; x++) visit(y * width + x);
  }
}
