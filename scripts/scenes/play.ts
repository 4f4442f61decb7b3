import type { Looks, Pose } from './figure.ts';
import { between, distanceM, type Ground } from './optics.ts';
import type { Dice } from './random.ts';
import type { Thing } from './things.ts';

/** Where a thing is from one time to another. */
export type Whereabouts =
  | { readonly from: number; readonly to: number; readonly carrier: Actor }
  | { readonly from: number; readonly to: number; readonly at: Ground; readonly liftM: number }
  /** In the air from a hand to the floor. */
  | {
      readonly from: number;
      readonly to: number;
      readonly flying: { from: Ground; to: Ground; heightM: number };
    };

/** A thing with its story. */
export interface Prop {
  readonly thing: Thing;
  readonly story: Whereabouts[];
}

interface Act {
  readonly from: number;
  readonly to: number;
  readonly start: Ground;
  readonly end: Ground;
  readonly doing: 'walking' | 'standing' | 'bending' | 'sitting';
  readonly walkedM: number;
}

/** Seconds from bending down to standing up again; the hand is at the floor in the middle. */
const BEND_S = 1.6;
/** How far beside the feet a thing is put down, in metres. */
export const REACH_M = 0.42;

/** Somebody who plays a part, told step by step: each step begins where and when the one before ended. */
export class Actor {
  readonly looks: Looks;
  readonly #acts: Act[] = [];
  readonly #fidget: number;
  readonly startT: number;
  #t: number;
  #at: Ground;
  #walkedM = 0;

  constructor(looks: Looks, at: Ground, startT: number, fidget: number) {
    this.looks = looks;
    this.startT = startT;
    this.#at = at;
    this.#t = startT;
    this.#fidget = fidget;
  }

  /** When what has been told so far ends. */
  get t(): number {
    return this.#t;
  }

  get at(): Ground {
    return this.#at;
  }

  walkTo(end: Ground, metresPerS = 1.3): this {
    const far = distanceM(this.#at, end);
    this.#add('walking', far / metresPerS, end);
    this.#walkedM += far;
    return this;
  }

  stand(seconds: number): this {
    return this.#add('standing', seconds, this.#at);
  }

  standUntil(t: number): this {
    return t > this.#t ? this.stand(t - this.#t) : this;
  }

  sit(seconds: number): this {
    return this.#add('sitting', seconds, this.#at);
  }

  /** Carries `prop` from the beginning. */
  carrying(prop: Prop): this {
    prop.story.push({ from: this.startT, to: Number.POSITIVE_INFINITY, carrier: this });
    return this;
  }

  /** Bends and puts `prop` down beside the feet, or at `at`; `liftM` above the floor. */
  putDown(prop: Prop, { at, liftM = 0 }: { at?: Ground; liftM?: number } = {}): this {
    const t = this.#t + BEND_S / 2;
    const place = at ?? { x: this.#at.x + REACH_M * this.#side(), z: this.#at.z - 0.05 };
    rests(prop, t, place, liftM);
    return this.#add('bending', BEND_S, this.#at);
  }

  /** Lets `prop` fall a little ahead, without stopping. */
  throwDown(prop: Prop, to: Ground): this {
    const landT = this.#t + 0.5;
    ends(prop, this.#t);
    prop.story.push({ from: this.#t, to: landT, flying: { from: this.#at, to, heightM: 0.8 } });
    rests(prop, landT, to, 0);
    return this;
  }

  /** Bends and takes `prop`, standing beside it. */
  pickUp(prop: Prop): this {
    ends(prop, this.#t + BEND_S / 2);
    prop.story.push({ from: this.#t + BEND_S / 2, to: Number.POSITIVE_INFINITY, carrier: this });
    return this.#add('bending', BEND_S, this.#at);
  }

  /** Takes `prop` out of the hand of whoever carries it. */
  takeOver(prop: Prop): this {
    ends(prop, this.#t);
    prop.story.push({ from: this.#t, to: Number.POSITIVE_INFINITY, carrier: this });
    return this;
  }

  isIn(t: number): boolean {
    return t >= this.startT && t < this.#t;
  }

  /** Where the feet are; null before the first and after the last step. */
  placeAt(t: number): Ground | null {
    const act = this.#actAt(t);
    return act === null ? null : between(act.start, act.end, (t - act.from) / (act.to - act.from));
  }

  poseAt(t: number): Pose {
    const act = this.#actAt(t);
    const none = {
      walkedM: 0,
      isWalking: false,
      facing: 1,
      bent: 0,
      isSitting: false,
      swayM: 0,
      armRaised: 0,
    };
    if (act === null) return none;
    const share = (t - act.from) / (act.to - act.from);
    const [dx, dz] = [act.end.x - act.start.x, act.end.z - act.start.z];
    const isWalking = act.doing === 'walking';
    return {
      walkedM: act.walkedM + distanceM(act.start, act.end) * share,
      isWalking,
      facing: isWalking ? dx / (Math.hypot(dx, dz) + 1e-6) : this.#side() * 0.7,
      bent: act.doing === 'bending' ? Math.sin(Math.PI * share) : 0,
      isSitting: act.doing === 'sitting',
      swayM: isWalking ? 0 : this.#swayAt(t),
      armRaised: isWalking || act.doing === 'bending' ? 0 : this.#armAt(t),
    };
  }

  /** Nobody stands like a post: a slow sway of a centimetre or two, and now and then the other leg. */
  #swayAt(t: number): number {
    const slow = 0.015 * Math.sin(t * 1.1 + this.#fidget) + 0.01 * Math.sin(t * 2.7 + 2 * this.#fidget);
    return slow + 0.045 * Math.tanh(6 * Math.sin(t * 0.45 + this.#fidget));
  }

  /** A hand goes to the face or the phone for a while. */
  #armAt(t: number): number {
    return Math.max(0, Math.sin(t * 0.62 + 3 * this.#fidget) - 0.55) * 2;
  }

  #side(): 1 | -1 {
    return this.#fidget % 2 < 1 ? 1 : -1;
  }

  #actAt(t: number): Act | null {
    return this.#acts.find(({ from, to }) => t >= from && t < to) ?? null;
  }

  #add(doing: Act['doing'], seconds: number, end: Ground): this {
    const to = this.#t + seconds;
    this.#acts.push({ from: this.#t, to, start: this.#at, end, doing, walkedM: this.#walkedM });
    this.#t = to;
    this.#at = end;
    return this;
  }
}

function ends(prop: Prop, t: number): void {
  const last = prop.story.pop();
  if (last !== undefined) prop.story.push({ ...last, to: t });
}

function rests(prop: Prop, t: number, at: Ground, liftM: number): void {
  ends(prop, t);
  prop.story.push({ from: t, to: Number.POSITIVE_INFINITY, at, liftM });
}

export function anyLooks(dice: Dice): Looks {
  const coat = dice.between(25, 205);
  return {
    heightM: dice.between(1.55, 1.88),
    coat,
    trousers: dice.chance(0.7) ? dice.between(25, 90) : dice.between(90, 170),
    skin: dice.between(110, 195),
    hair: dice.chance(0.75) ? dice.between(20, 60) : dice.between(90, 200),
    stoutness: dice.between(0.9, 1.3),
    hasLongCoat: dice.chance(0.25),
  };
}
