import { decode } from 'fast-png';
import { WatchpostError } from '../errors.ts';
import { type GreyImage, MAX_SIDE, readPgm } from './pgm.ts';

export interface PlanImage extends GreyImage {
  /** Opacity of each cell, where the picture tells it. */
  readonly alpha: Uint8Array | null;
}

const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47];

/**
 * The picture of a floor: PGM, or PNG with the mean of its colours (as map_server takes it). Told by its first bytes,
 * not by its name. Throws WP4805.
 */
export function readPlanImage(bytes: Uint8Array): PlanImage {
  if (!PNG_MAGIC.every((byte, index) => bytes[index] === byte)) return { ...readPgm(bytes), alpha: null };
  requireSize(bytes);
  return fromPng(bytes);
}

/** From the header, before memory is taken for what a few bytes may claim. */
function requireSize(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = bytes.length < 33 ? [0, 0] : [view.getUint32(16), view.getUint32(20)];
  if (width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE) return;
  throw new WatchpostError('WP4805', {
    detail: `${width} × ${height} cells; 1 to ${MAX_SIDE} a side are read`,
  });
}

function fromPng(bytes: Uint8Array): PlanImage {
  const { width, height, data, depth, channels, palette } = decoded(bytes);
  const count = width * height;
  const grey = new Uint8Array(count);
  const alpha = channels === 2 || channels === 4 ? new Uint8Array(count) : null;
  const colours = channels - (alpha === null ? 0 : 1);
  const top = 2 ** depth - 1;
  const sample = samplesOf(data, { width, depth, channels });
  for (let cell = 0; cell < count; cell++) {
    grey[cell] =
      palette === undefined ? meanOf(sample, cell, colours, top) : paletteGrey(palette[sample(cell, 0)]);
    if (alpha !== null) alpha[cell] = Math.round((sample(cell, colours) * 255) / top);
  }
  return { width, height, grey, alpha };
}

const paletteGrey = ([red = 0, green = 0, blue = 0]: readonly number[] = []): number =>
  Math.round((red + green + blue) / 3);

type Sample = (cell: number, channel: number) => number;

/** Pixels of fewer than 8 bits lie packed, each row from a byte of its own (PNG, clause 7.2). */
function samplesOf(
  data: ArrayLike<number>,
  { width, depth, channels }: { readonly width: number; readonly depth: number; readonly channels: number },
): Sample {
  if (depth >= 8) return (cell, channel) => data[cell * channels + channel] ?? 0;
  const rowBytes = Math.ceil((width * depth) / 8);
  return (cell) => {
    const column = cell % width;
    const byte = data[Math.floor(cell / width) * rowBytes + Math.floor((column * depth) / 8)] ?? 0;
    return (byte >> (8 - depth - ((column * depth) % 8))) & (2 ** depth - 1);
  };
}

function meanOf(sample: Sample, cell: number, colours: number, top: number): number {
  let sum = 0;
  for (let channel = 0; channel < colours; channel++) sum += sample(cell, channel);
  return Math.round((sum * 255) / (colours * top));
}

function decoded(bytes: Uint8Array): ReturnType<typeof decode> {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw new WatchpostError('WP4805', { detail: cause instanceof Error ? cause.message : 'not PNG', cause });
  }
}
