import { TILE_ROWS } from './steps.ts';

/**
 * The planes of one camera: typed arrays over one block of memory, so that the kernel in WebAssembly and its twin
 * in TypeScript work on the same bytes. A plane has one value a pixel unless it says otherwise; grey levels are
 * in 1/128.
 */
export interface Planes {
  readonly width: number;
  readonly height: number;
  /** Bytes of the whole block. */
  readonly bytes: number;
  /** The step's numbers, in the order of `steps.ts`. */
  readonly step: Int32Array;
  /** The picture as it came, and as it would be had the camera not moved (grey levels). */
  readonly frame: Uint8Array;
  readonly aligned: Uint8Array;
  /** One row, for what comes between two passes. */
  readonly scratch: Int16Array;
  /** The picture or the background at half and a quarter of the size, smoothed (1/128 level). */
  readonly half: Int16Array;
  readonly quarter: Int16Array;
  readonly long: Int16Array;
  readonly short: Int16Array;
  /** Mean absolute deviation from the long background, in 1/16 grey level. */
  readonly deviation: Uint8Array;
  /** How long a pixel has been foreground and still, in 1/40 s. */
  readonly age: Uint8Array;
  readonly foreground: Uint8Array;
  readonly moving: Uint8Array;
  /** One value for each 2×2 pixels: the half-resolution mask asked for last. */
  readonly cells: Uint8Array;
  /** For each row of tiles, one value for each column of pixels: what the light is multiplied with, in 1/8192. */
  readonly gains: Int16Array;
  /** The same for what the background is multiplied with, less one, in 1/32768. */
  readonly drifts: Int16Array;
  /** For each row of pixels: the row of tiles above, and the weight of the one below in 1/32768. */
  readonly rows: Int16Array;
}

/** Where each plane begins; each is aligned to 16 bytes. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly at: Readonly<Record<PlaneName, number>>;
}

type PlaneName = Exclude<keyof Planes, 'width' | 'height' | 'bytes'>;

const STEP_SLOTS = 64;
const ALIGNMENT = 16;
const SCRATCH_MARGIN = 32;

export function layoutOf(width: number, height: number): Layout {
  const pixels = width * height;
  const sizes: Record<PlaneName, number> = {
    step: STEP_SLOTS * 4,
    frame: pixels,
    aligned: pixels,
    long: pixels * 2,
    short: pixels * 2,
    deviation: pixels,
    age: pixels,
    foreground: pixels,
    moving: pixels,
    cells: (width >> 1) * (height >> 1),
    scratch: (width + SCRATCH_MARGIN) * 2,
    half: (width >> 1) * (height >> 1) * 2,
    quarter: (width >> 2) * (height >> 2) * 2,
    gains: TILE_ROWS * width * 2,
    drifts: TILE_ROWS * width * 2,
    rows: height * 2 * 2,
  };
  let bytes = 0;
  const place = (name: PlaneName): number => {
    const begins = bytes;
    bytes += Math.ceil(sizes[name] / ALIGNMENT) * ALIGNMENT;
    return begins;
  };
  const at = {
    step: place('step'),
    frame: place('frame'),
    aligned: place('aligned'),
    long: place('long'),
    short: place('short'),
    deviation: place('deviation'),
    age: place('age'),
    foreground: place('foreground'),
    moving: place('moving'),
    cells: place('cells'),
    scratch: place('scratch'),
    half: place('half'),
    quarter: place('quarter'),
    gains: place('gains'),
    drifts: place('drifts'),
    rows: place('rows'),
  };
  return { width, height, bytes, at };
}

/** The planes over `buffer`, which is at least `layout.bytes` long. */
export function planesOver(buffer: ArrayBuffer, { width, height, bytes, at }: Layout): Planes {
  const pixels = width * height;
  const plane = (name: PlaneName) => new Uint8Array(buffer, at[name], pixels);
  const wide = (name: PlaneName, length: number) => new Int16Array(buffer, at[name], length);
  return {
    width,
    height,
    bytes,
    step: new Int32Array(buffer, at.step, STEP_SLOTS),
    frame: plane('frame'),
    aligned: plane('aligned'),
    long: wide('long', pixels),
    short: wide('short', pixels),
    deviation: plane('deviation'),
    age: plane('age'),
    foreground: plane('foreground'),
    moving: plane('moving'),
    cells: new Uint8Array(buffer, at.cells, (width >> 1) * (height >> 1)),
    scratch: wide('scratch', width + SCRATCH_MARGIN),
    half: wide('half', (width >> 1) * (height >> 1)),
    quarter: wide('quarter', (width >> 2) * (height >> 2)),
    gains: wide('gains', TILE_ROWS * width),
    drifts: wide('drifts', TILE_ROWS * width),
    rows: wide('rows', height * 2),
  };
}
