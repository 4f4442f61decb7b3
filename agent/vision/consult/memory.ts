import type { Rect } from '../tracking/rect.ts';
import type { Advice } from './advice.ts';
import { type Look, overlapOf } from './look.ts';

/** The looks kept of one thing. */
const KEPT = 8;
/** Fewer say nothing of anybody. */
const LEAST_LOOKS = 3;
/** Luggage seen once may be a slip. */
const LEAST_LUGGAGE = 2;
/**
 * Boxes of one person who stays share more than this of their union. Somebody who walks does not: at 1.4 m/s they
 * have moved by 0.4 person heights in half a second, more than they are wide (0.35).
 */
const SAME_PLACE = 0.3;
/** A look this soon after the thing was left shows who belongs to it. */
const EARLY_S = 5;

/** What the looks at one thing add up to. */
export class Memory {
  #looks: Look[] = [];
  /** The first look after it was left, where that came early enough; null otherwise. */
  #early: Look | null = null;
  #aloneT: number | null = null;
  #isAttended = false;
  lookedT = Number.NEGATIVE_INFINITY;

  /** Since when it has been alone, whatever this advice made of that. */
  get aloneT(): number | null {
    return this.#aloneT;
  }

  get isAttended(): boolean {
    return this.#isAttended;
  }

  /** Whether a look now would show who was there when it was left. */
  wantsEarly(t: number): boolean {
    return this.#aloneT !== null && this.#early === null && t - this.#aloneT <= EARLY_S;
  }

  /** Follows the judgement; a clock that stands because of what was said here is not one that began anew. */
  setAlone(aloneT: number | null): void {
    if (aloneT === this.#aloneT || (aloneT === null && this.#isAttended)) return;
    this.#aloneT = aloneT;
    this.#early = null;
  }

  add(look: Look): void {
    if (this.wantsEarly(look.t)) this.#early = look;
    this.#looks.push(look);
    if (this.#looks.length > KEPT) this.#looks.shift();
  }

  /** What is to be said at `t`; looks older than `freshS` count no more. */
  adviceAt(t: number, freshS: number, lingerRadius: number): Advice {
    this.#looks = this.#looks.filter((look) => t - look.t <= freshS && look.t <= t);
    const looks = this.#looks;
    const isVetoed = this.#staying(({ covering }) => covering).length > 0;
    const attending = this.#staying(({ beside }) => beside.map(({ rect }) => rect));
    this.#isAttended = attending.some((person) => this.#belongs(person, lingerRadius));
    const scores = looks.flatMap(({ luggage }) => (luggage === null ? [] : [luggage]));
    const score =
      scores.length < LEAST_LUGGAGE ? null : scores.reduce((sum, each) => sum + each, 0) / scores.length;
    const seen = score === null ? 'silent' : 'confirmed';
    return {
      state: isVetoed || this.#isAttended ? 'person' : seen,
      looks: looks.length,
      isVetoed,
      isAttended: this.#isAttended,
      score,
      t: looks.at(-1)?.t ?? null,
    };
  }

  /** Where somebody was in most looks; those who walk by are elsewhere in each. */
  #staying(peopleIn: (look: Look) => readonly Rect[]): Rect[] {
    const looks = this.#looks;
    return looks.flatMap(peopleIn).filter((person) => {
      const count = looks.filter((look) => isAmong(person, peopleIn(look))).length;
      return count >= LEAST_LOOKS && 2 * count > looks.length;
    });
  }

  /** Right beside it, whoever that is; or there already when it was left: who left it and sat down, and company. */
  #belongs(person: Rect, lingerRadius: number): boolean {
    const isClose = this.#looks.some(({ beside }) =>
      beside.some(({ rect, distance }) => distance <= lingerRadius && overlapOf(rect, person) > SAME_PLACE),
    );
    return isClose || isAmong(person, this.#early?.beside.map(({ rect }) => rect) ?? []);
  }
}

const isAmong = (person: Rect, others: readonly Rect[]): boolean =>
  others.some((other) => overlapOf(other, person) > SAME_PLACE);
