/** Cells across a picture, whatever its width: two pixels of a picture 320 wide. */
const COLUMNS = 160;
export const DIRECTIONS = 8;
/** Edges are told apart down to this contrast (difference of the logarithm of light from cell to cell). */
const FINEST = 0.02;
/** Strengths go in steps of a factor of √2 from `FINEST`: 1, 2 … 15; 0 is no edge. */
const STEPS_PER_OCTAVE = 2;
export const STRONGEST = 15;
/** Grey levels added before the logarithm, so that noise in the dark is no contrast. */
const DARK_LEVELS = 8;
/** Noise is measured in tiles of this many cells. */
export const TILE_CELLS = 16;
/**
 * Gradients of noise follow a Rayleigh distribution: a quarter lie below 0.759 σ, and one in three thousand above
 * 4 σ. More than half of a tile is flat, so its lower quarter tells σ whatever stands in it.
 */
const QUARTER_OF_SIGMA = 0.759;
const SIGMAS = 4;
/** In a tile full of edges there is no flat quarter: its floor is at most this many times the picture's middle. */
const CROWDED_FLOOR = 2;

export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell in pixels. */
  readonly cellPx: number;
}

/** Where the edges of a picture run, and nothing else of it: neither their sign nor any level. */
export interface EdgeMap {
  readonly grid: CellGrid;
  /** 0 for no edge, else 1 to `STRONGEST`. */
  readonly strength: Uint8Array;
  /** Direction of the gradient modulo half a turn, 0 to 7. */
  readonly direction: Uint8Array;
  /** The weakest strength that can be told from noise, by tile. */
  readonly floor: Uint8Array;
}

export const cellGridOf = (width: number, height: number): CellGrid => {
  const cellPx = Math.max(1, Math.round(width / COLUMNS));
  return { columns: Math.floor(width / cellPx), rows: Math.floor(height / cellPx), cellPx };
};

export const tileColumns = ({ columns }: CellGrid): number => Math.ceil(columns / TILE_CELLS);
export const tileRows = ({ rows }: CellGrid): number => Math.ceil(rows / TILE_CELLS);
export const tileOf = (cell: number, grid: CellGrid): number => {
  const column = cell % grid.columns;
  const row = (cell - column) / grid.columns;
  return Math.floor(row / TILE_CELLS) * tileColumns(grid) + Math.floor(column / TILE_CELLS);
};

/**
 * The edges of a picture of `width` pixels whose levels are `picture` / `unit`. Of the logarithm, so that more or
 * less light leaves them as they are; thinned to ridges one cell wide.
 */
export function edgeMapOf(picture: ArrayLike<number>, unit: number, width: number, grid: CellGrid): EdgeMap {
  const light = logOfCells(picture, unit, width, grid);
  const cells = grid.columns * grid.rows;
  const across = new Float32Array(cells);
  const down = new Float32Array(cells);
  const contrast = new Float32Array(cells);
  gradients(light, grid, across, down, contrast);
  const floors = noiseFloors(contrast, grid);
  const map: EdgeMap = {
    grid,
    strength: new Uint8Array(cells),
    direction: new Uint8Array(cells),
    floor: Uint8Array.from(floors, strengthOf),
  };
  for (let row = 2; row < grid.rows - 2; row++) {
    for (let column = 2; column < grid.columns - 2; column++) {
      const i = row * grid.columns + column;
      const value = contrast[i] ?? 0;
      if (value < (floors[tileOf(i, grid)] ?? 0)) continue;
      const direction = directionOf(across[i] ?? 0, down[i] ?? 0);
      const step = stepAlong(direction, grid.columns);
      if (value < (contrast[i - step] ?? 0) || value <= (contrast[i + step] ?? 0)) continue;
      map.strength[i] = strengthOf(value);
      map.direction[i] = direction;
    }
  }
  return map;
}

/** The strength of a contrast. */
export function strengthOf(contrast: number): number {
  if (contrast < FINEST) return 0;
  return Math.min(STRONGEST, 1 + Math.round(STEPS_PER_OCTAVE * Math.log2(contrast / FINEST)));
}

/** Whether two directions are the same or next to each other. */
export const isParallel = (a: number, b: number): boolean => {
  const apart = (a - b + DIRECTIONS) % DIRECTIONS;
  return apart <= 1 || apart === DIRECTIONS - 1;
};

function logOfCells(picture: ArrayLike<number>, unit: number, width: number, grid: CellGrid): Float32Array {
  const { columns, rows, cellPx } = grid;
  const out = new Float32Array(columns * rows);
  const scale = 1 / (unit * cellPx * cellPx);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * cellPx; y < (row + 1) * cellPx; y++) {
        const from = y * width + column * cellPx;
        for (let i = from; i < from + cellPx; i++) sum += picture[i] ?? 0;
      }
      out[row * columns + column] = Math.log(Math.max(0, sum * scale) + DARK_LEVELS);
    }
  }
  return out;
}

/** Central differences, smoothed 1-2-1 across (Sobel), per cell. */
function gradients(
  light: Float32Array,
  { columns, rows }: CellGrid,
  across: Float32Array,
  down: Float32Array,
  contrast: Float32Array,
): void {
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const i = row * columns + column;
      const at = (step: number) => light[i + step] ?? 0;
      const gx =
        at(1 - columns) - at(-1 - columns) + 2 * (at(1) - at(-1)) + at(1 + columns) - at(-1 + columns);
      const gy =
        at(columns - 1) -
        at(-columns - 1) +
        2 * (at(columns) - at(-columns)) +
        at(columns + 1) -
        at(-columns + 1);
      across[i] = gx / 8;
      down[i] = gy / 8;
      contrast[i] = Math.hypot(gx, gy) / 8;
    }
  }
}

function noiseFloors(contrast: Float32Array, grid: CellGrid): Float32Array {
  const [across, down] = [tileColumns(grid), tileRows(grid)];
  const floors = new Float32Array(across * down);
  for (let tile = 0; tile < floors.length; tile++) {
    const left = (tile % across) * TILE_CELLS;
    const top = Math.floor(tile / across) * TILE_CELLS;
    const values: number[] = [];
    for (let row = Math.max(1, top); row < Math.min(grid.rows - 1, top + TILE_CELLS); row++) {
      for (let column = Math.max(1, left); column < Math.min(grid.columns - 1, left + TILE_CELLS); column++) {
        values.push(contrast[row * grid.columns + column] ?? 0);
      }
    }
    values.sort((a, b) => a - b);
    const quarter = values[values.length >> 2] ?? 0;
    floors[tile] = Math.max(FINEST, (SIGMAS * quarter) / QUARTER_OF_SIGMA);
  }
  const middle = floors.slice().sort()[floors.length >> 1] ?? FINEST;
  return floors.map((each) => Math.min(each, CROWDED_FLOOR * middle));
}

/** Directions are centred on multiples of an eighth of half a turn. */
function directionOf(across: number, down: number): number {
  const turn = Math.atan2(down, across) / Math.PI;
  return (Math.round(turn * DIRECTIONS) + 2 * DIRECTIONS) % DIRECTIONS;
}

/** From a cell to its neighbour along the gradient. */
function stepAlong(direction: number, columns: number): number {
  if (direction === 0 || direction === 7) return 1;
  if (direction === 1 || direction === 2) return columns + 1;
  if (direction === 3 || direction === 4) return columns;
  return columns - 1;
}
