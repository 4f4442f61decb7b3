import { encode } from 'fast-png';

/** Metres a cell of the drawn plans: a wall is then two cells thick. */
export const RESOLUTION_M = 0.1;
const WALL_M = 0.2;
const FREE = 254;
const UNKNOWN = 205;
const WALL = 0;

/** A rectangle in metres: left, bottom, width, height. */
export type Rectangle = readonly [number, number, number, number];

/** A door or a shop front: where, from, to, along x (`h`) or y (`v`). */
export type Opening = readonly ['h' | 'v', number, number, number];

export interface FloorDrawing {
  readonly widthM: number;
  readonly heightM: number;
  /** Rooms with walls round them; what is outside of all of them is unknown. */
  readonly rooms: readonly Rectangle[];
  readonly openings: readonly Opening[];
  /** Solid: pillars, counters, the void of an atrium. */
  readonly solids: readonly Rectangle[];
}

/** Draws a floor as map_server's pictures are: white free, black walls, grey what nobody knows. */
export function drawFloor({ widthM, heightM, rooms, openings, solids }: FloorDrawing): Uint8Array {
  const canvas = new Canvas(widthM, heightM);
  for (const room of rooms) canvas.fill(room, WALL);
  for (const [x, y, w, h] of rooms) {
    canvas.fill([x + WALL_M, y + WALL_M, w - 2 * WALL_M, h - 2 * WALL_M], FREE);
  }
  for (const [along, at, from, to] of openings) {
    const [thick, length] = [4 * WALL_M, to - from];
    canvas.fill(
      along === 'h' ? [from, at - thick / 2, length, thick] : [at - thick / 2, from, thick, length],
      FREE,
    );
  }
  for (const solid of solids) canvas.fill(solid, WALL);
  return canvas.png();
}

class Canvas {
  readonly #width: number;
  readonly #height: number;
  readonly #cells: Uint8Array;

  constructor(widthM: number, heightM: number) {
    this.#width = Math.round(widthM / RESOLUTION_M);
    this.#height = Math.round(heightM / RESOLUTION_M);
    this.#cells = new Uint8Array(this.#width * this.#height).fill(UNKNOWN);
  }

  fill([x, y, w, h]: Rectangle, value: number): void {
    const cell = (metres: number) => Math.round(metres / RESOLUTION_M);
    for (let up = Math.max(0, cell(y)); up < Math.min(this.#height, cell(y + h)); up++) {
      const row = (this.#height - 1 - up) * this.#width;
      this.#cells.fill(value, row + Math.max(0, cell(x)), row + Math.min(this.#width, cell(x + w)));
    }
  }

  png(): Uint8Array {
    return encode({ width: this.#width, height: this.#height, data: this.#cells, channels: 1, depth: 8 });
  }
}
