import type { Looks } from './figure.ts';
import { type Ground, PERSON_M } from './optics.ts';
import { Actor, anyLooks, type Prop, REACH_M } from './play.ts';
import { Dice } from './random.ts';
import type { Backdrop, CarTrack, Expectation, Lamp, Restart, Scene, Sensor, Sun } from './scene.ts';
import { anyStage, type Stage, type StageWish } from './stage.ts';
import { anyThing, type ThingShape } from './things.ts';

/** How much a thing differs from the floor around it, in grey levels. */
type Contrast = readonly [number, number];

/** A thing of less contrast than this is hard to see for a person, too. */
const USUAL_CONTRAST: Contrast = [25, 110];
/** Things are put where a metre takes at least this many pixels, so that the smallest is 7 pixels tall. */
const LEAST_PX_PER_M = 25;

/** A scene being made up: scenarios put people, things and light into it. */
export class Draft {
  readonly dice: Dice;
  readonly stage: Stage;
  readonly actors: Actor[] = [];
  readonly props: Prop[] = [];
  readonly cars: CarTrack[] = [];
  readonly backdrops: Backdrop[] = [];
  readonly overlays: Backdrop[] = [];
  readonly lamps: Lamp[] = [];
  readonly expectations: Expectation[] = [];
  lightAt: (t: number) => number = () => 1;
  sun: Sun | null = null;
  sensor: Sensor;
  dwellS: number;
  framesPerSecond = 10;
  restart: Restart | null = null;

  constructor(seed: number, wish: StageWish = {}) {
    this.dice = new Dice(seed);
    this.stage = anyStage(this.dice, wish);
    this.dwellS = this.dice.one([10, 10, 15, 20, 30]);
    this.sensor = {
      noise: this.dice.between(1, 3.2),
      shakePx: this.dice.chance(0.15) ? this.dice.between(0.1, 0.4) : 0,
      isCompressed: this.dice.chance(0.4),
    };
    if (this.stage.kind === 'street' && this.dice.chance(0.6)) {
      this.sun = {
        dx: this.dice.between(0.3, 1.1) * this.dice.sign(),
        dz: this.dice.between(-0.5, 0.5),
        gain: this.dice.between(0.55, 0.75),
      };
    }
  }

  /** The scene, lasting `durationS`; its name and seed are filled in by who asked for it. */
  finished(durationS: number): Scene {
    const { stage, framesPerSecond, dwellS, actors, props, cars, backdrops, overlays } = this;
    const { sun, lamps, lightAt, sensor, expectations, restart } = this;
    return {
      scenario: '',
      seed: 0,
      stage,
      framesPerSecond,
      durationS,
      dwellS,
      actors,
      props,
      cars,
      backdrops,
      overlays,
      sun,
      lamps,
      lightAt,
      sensor,
      expectations,
      restart,
    };
  }

  /** A place on the floor in full view; `margin` is the share of the picture's width kept free at the sides. */
  spot(margin = 0.22): Ground {
    const { optics, wallZ, occluders } = this.stage;
    const { width, height } = optics.size;
    const scale = (LEAST_PX_PER_M * Math.max(256, width)) / 320;
    const farthest = Math.min(optics.focalPx / scale, wallZ - 1.5);
    const top = Math.max(optics.rowOf(farthest), 0.3 * height);
    for (let tries = 0; ; tries++) {
      const column = width * this.dice.between(margin, 1 - margin);
      const row = this.dice.between(Math.min(top, 0.8 * height), 0.86 * height);
      const isHidden = occluders.some(
        ({ left, right }) => column > left - 0.06 * width && column < right + 0.06 * width,
      );
      if (!isHidden || tries > 50) return optics.groundAt(column, row);
    }
  }

  /** Just outside the picture at one side; `side` -1 is the left. */
  edge(side: 1 | -1, z: number): Ground {
    const { optics } = this.stage;
    return { x: side * ((optics.size.width / 2 / optics.focalPx) * z + 0.7), z };
  }

  /** A place near `at`, so many person heights away, that is on the floor in view. */
  placeFrom(at: Ground, personHeights: number): Ground {
    const { optics, wallZ } = this.stage;
    const { width, height } = optics.size;
    let best = at;
    let bestOff = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 60; tries++) {
      const angle = this.dice.between(0, 2 * Math.PI);
      const far = personHeights * PERSON_M;
      const place = { x: at.x + far * Math.cos(angle), z: at.z + far * Math.sin(angle) };
      const column = optics.columnOf(place);
      const row = optics.rowOf(place.z);
      const off =
        Math.max(0, 0.08 * width - column, column - 0.92 * width) +
        Math.max(0, row - 0.92 * height) +
        (place.z > wallZ - 0.4 || place.z < 1 ? 1000 : 0);
      if (off < bestOff) [best, bestOff] = [place, off];
      if (off === 0) break;
    }
    return best;
  }

  /** Somebody who comes at `t` from `at`. */
  person(t: number, at: Ground, looks: Looks = anyLooks(this.dice)): Actor {
    const actor = new Actor(looks, at, t, this.dice.between(0, 6));
    this.actors.push(actor);
    return actor;
  }

  /** Something to leave at `place`, of a level that differs from the floor there. */
  thing(
    place: Ground,
    { shape, contrast = USUAL_CONTRAST }: { shape?: ThingShape; contrast?: Contrast } = {},
  ): Prop {
    const form = anyThing(this.dice, `thing ${this.props.length + 1}`, shape);
    const floor = this.levelAt(place, form.heightM);
    const by = this.dice.between(...contrast);
    const isDark = floor - by < 14 ? false : floor + by > 235 ? true : this.dice.chance(0.65);
    const level = Math.min(240, Math.max(12, isDark ? floor - by : floor + by));
    const accent = this.dice.chance(0.5) ? level * 0.6 : Math.min(245, level + 45);
    const prop: Prop = { thing: { ...form, level, accent }, story: [] };
    this.props.push(prop);
    return prop;
  }

  /** Mean level of the empty place around where something stands. */
  levelAt(place: Ground, heightM: number): number {
    const { optics, base } = this.stage;
    const { width, height } = optics.size;
    const [column, row] = [Math.round(optics.columnOf(place)), Math.round(optics.rowOf(place.z))];
    const reach = Math.ceil(heightM * optics.scaleAt(place.z));
    let sum = 0;
    let count = 0;
    for (let y = Math.max(0, row - reach); y < Math.min(height, row + 3); y++) {
      for (let x = Math.max(0, column - reach); x < Math.min(width, column + reach); x++, count++)
        sum += base[y * width + x] ?? 0;
    }
    return count === 0 ? 128 : sum / count;
  }

  /** Where somebody stands who puts a thing down at `place`. */
  beside(place: Ground, side: 1 | -1 = this.dice.sign()): Ground {
    return { x: place.x - side * REACH_M, z: place.z + 0.05 };
  }

  /** Comes from one side with `prop`, puts it down at `place`, and stands beside it; the story goes on from there. */
  bringer(prop: Prop, place: Ground, t: number, liftM = 0): Actor {
    const side = this.dice.sign();
    const from = this.edge(side, this.depthNear(place.z, 1.2));
    return this.person(t, from)
      .carrying(prop)
      .walkTo(this.beside(place), this.pace())
      .putDown(prop, { at: place, liftM });
  }

  /** Goes out of the picture by one of its sides. */
  leaves(actor: Actor, side: 1 | -1 = this.dice.sign()): Actor {
    return actor.walkTo(this.edge(side, this.depthNear(actor.at.z, 1.5)), this.pace());
  }

  /** Somebody who crosses the picture at `t`, passing `dz` metres behind (or before) a place. */
  passer(t: number, at: Ground, dz: number): Actor {
    const side = this.dice.sign();
    const z = Math.min(this.stage.wallZ - 0.5, Math.max(1.5, at.z + dz));
    const past = { x: at.x, z };
    const out = this.edge(
      side === 1 ? -1 : 1,
      Math.max(1.5, Math.min(this.stage.wallZ - 0.5, z + this.dice.between(-0.6, 0.6))),
    );
    return this.person(t, this.edge(side, z)).walkTo(past, this.pace()).walkTo(out, this.pace());
  }

  pace(): number {
    return this.dice.between(1, 1.55);
  }

  depthNear(z: number, byM: number): number {
    return Math.min(this.stage.wallZ - 0.5, Math.max(1.8, z + this.dice.between(-byM, byM)));
  }

  expect(prop: Prop, attendants: readonly Actor[], more: Partial<Expectation> = {}): void {
    this.expectations.push({
      prop,
      attendants,
      isOptional: false,
      ends: null,
      hiddenS: 0,
      mayFrom: null,
      ...more,
    });
  }
}
