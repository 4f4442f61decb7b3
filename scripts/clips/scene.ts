/** Draws a hall seen by a camera on the wall: grey pictures, the same ones at every run. */

export interface SceneSize {
  readonly width: number;
  readonly height: number;
}

/** Somebody standing or walking. Positions are fractions of the picture, `y` that of the feet. */
export interface Figure {
  readonly x: number;
  readonly y: number;
  /** Metres walked, for the swing of the legs. */
  readonly walked: number;
  /** 0 upright to 1 bent down. */
  readonly bent: number;
  readonly carriesBag: boolean;
}

export interface Moment {
  readonly figure: Figure | null;
  readonly bag: { readonly x: number; readonly y: number } | null;
}

/** Where the floor would end if it went on for ever, as a fraction of the height. */
const HORIZON = 0.18;
const WALL_ENDS = 0.42;
/** A person's height, as a share of the distance of their feet below the horizon. */
const PERSON_PER_DROP = 0.75;
const COAT = 62;
const TROUSERS = 44;
const SKIN = 176;
const BAG = 30;

/** A small generator of its own (mulberry32), so that a clip is the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The empty hall: a wall with doors, a floor of tiles that run to the horizon, and a texture over both. */
export function drawHall({ width, height }: SceneSize): Uint8Array {
  const random = randomFrom(7);
  const hall = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = column / width;
      const y = row / height;
      const level = y < WALL_ENDS ? wallAt(x, y) : floorAt(x, y);
      hall[row * width + column] = level + 6 * random() - 3;
    }
  }
  return hall;
}

function wallAt(x: number, y: number): number {
  const isDoor = (x > 0.12 && x < 0.22 && y > 0.1) || (x > 0.74 && x < 0.86 && y > 0.08);
  if (isDoor) return 74 + 16 * y;
  if (y > WALL_ENDS - 0.02) return 88;
  const isPoster = x > 0.42 && x < 0.54 && y > 0.12 && y < 0.28;
  return isPoster ? 188 - 60 * Math.abs(Math.sin(40 * y)) : 148 + 14 * x;
}

function floorAt(x: number, y: number): number {
  const depth = 1 / (y - HORIZON);
  const across = (x - 0.5) * depth * 5;
  const along = depth * 4;
  const isJoint = across - Math.floor(across) < 0.05 || along - Math.floor(along) < 0.06;
  const isDarkTile = (Math.floor(across) + Math.floor(along)) % 2 === 0;
  return (isJoint ? 92 : isDarkTile ? 122 : 132) + 26 * (y - 0.5);
}

/** One picture: the hall with who and what is in it, sensor noise, and the slow breath of the lamps. */
export function drawMoment(hall: Uint8Array, size: SceneSize, index: number, moment: Moment): Uint8Array {
  const picture = Float32Array.from(hall);
  const brush = new Brush(picture, size);
  if (moment.bag !== null) drawBag(brush, moment.bag.x, moment.bag.y);
  if (moment.figure !== null) drawFigure(brush, moment.figure);
  const random = randomFrom(1000 + index);
  const light = 1 + 0.02 * Math.sin(index / 40);
  const out = new Uint8Array(picture.length);
  for (let i = 0; i < out.length; i++) {
    const noise = random() + random() + random() - 1.5;
    out[i] = Math.max(0, Math.min(255, Math.round((picture[i] ?? 0) * light + 3 * noise)));
  }
  return out;
}

const personHeight = (y: number): number => (y - HORIZON) * PERSON_PER_DROP;

function drawFigure(brush: Brush, { x, y, walked, bent, carriesBag }: Figure): void {
  const tall = personHeight(y);
  const wide = tall * 0.42;
  const swing = Math.sin(walked * 4) * 0.1 * tall;
  const hip = y - 0.47 * tall;
  const shoulder = y - tall * (0.82 - 0.26 * bent);
  brush.ellipse(x, y, wide * 0.55, tall * 0.03, (level) => level * 0.72);
  brush.limb(x, hip, x + swing * 0.5, y, wide * 0.17, TROUSERS);
  brush.limb(x, hip, x - swing * 0.5, y, wide * 0.17, TROUSERS);
  const lean = 0.2 * tall * bent;
  brush.limb(x, hip, x + lean, shoulder, wide * 0.36, COAT);
  brush.limb(
    x + lean,
    shoulder,
    x + lean + 0.1 * tall,
    hip - 0.02 * tall + 0.3 * tall * bent,
    wide * 0.1,
    COAT,
  );
  brush.ellipse(x + lean * 1.5, shoulder - 0.1 * tall, wide * 0.17, tall * 0.085, () => SKIN);
  if (carriesBag) drawBag(brush, x + lean + 0.1 * tall, hip + 0.22 * tall + 0.27 * tall * bent);
}

/** A travelling bag about a third of a person tall; `y` is its lower edge. */
function drawBag(brush: Brush, x: number, y: number): void {
  const tall = 0.24 * personHeight(Math.max(y, WALL_ENDS + 0.1));
  brush.box(x - tall * 0.55, y - tall, x + tall * 0.55, y, BAG);
  brush.box(x - tall * 0.4, y - tall * 0.65, x + tall * 0.4, y - tall * 0.55, BAG + 70);
  brush.box(x - tall * 0.15, y - tall * 1.18, x + tall * 0.15, y - tall, BAG + 16);
}

/** Paints in fractions of the picture's height for lengths, so that shapes keep their form. */
class Brush {
  readonly #picture: Float32Array;
  readonly #size: SceneSize;

  constructor(picture: Float32Array, size: SceneSize) {
    this.#picture = picture;
    this.#size = size;
  }

  box(left: number, top: number, right: number, bottom: number, level: number): void {
    const middle = (left + right) / 2;
    const half = (right - left) / 2;
    this.#paint(middle, (top + bottom) / 2, half, (bottom - top) / 2, () => level, square);
  }

  ellipse(x: number, y: number, halfWide: number, halfTall: number, level: (below: number) => number): void {
    this.#paint(x, y, halfWide, halfTall, level, round);
  }

  limb(x0: number, y0: number, x1: number, y1: number, half: number, level: number): void {
    const steps = 12;
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this.ellipse(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, half, half, () => level);
    }
  }

  #paint(
    x: number,
    y: number,
    halfWide: number,
    halfTall: number,
    level: (below: number) => number,
    within: (dx: number, dy: number) => boolean,
  ): void {
    const { width, height } = this.#size;
    const halfColumns = halfWide * height;
    const halfRows = halfTall * height;
    for (let row = Math.floor(y * height - halfRows); row <= y * height + halfRows; row++) {
      for (let column = Math.floor(x * width - halfColumns); column <= x * width + halfColumns; column++) {
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        if (!within((column + 0.5 - x * width) / halfColumns, (row + 0.5 - y * height) / halfRows)) continue;
        const i = row * width + column;
        this.#picture[i] = level(this.#picture[i] ?? 0);
      }
    }
  }
}

const square = (dx: number, dy: number): boolean => Math.abs(dx) <= 1 && Math.abs(dy) <= 1;
const round = (dx: number, dy: number): boolean => dx * dx + dy * dy <= 1;
