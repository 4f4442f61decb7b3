import type { Frame } from '#agent/ports/frames.ts';
import { IMPAIRMENTS, type Impairment, type WatchReport } from '#agent/ports/vision-watches.ts';
import { BANDS, noiseBetween } from './energy.ts';
import { Fault, type Finding, type Turn } from './fault.ts';
import { covered, dark, defocused, isElsewhere, isHome } from './findings.ts';
import { type Pyramid, pyramidOf } from './pyramid.ts';
import { isSharp } from './sharpness.ts';
import { Stillness } from './stillness.ts';
import { type Comparison, compare, follow, hasDetail, usualOf, type View, viewOf } from './view.ts';

/** A look costs a few milliseconds. */
const LOOK_EVERY_S = 1;
/** What is usual is learned for this long before anything is compared with it, and followed with this constant. */
const LEARN_S = 10;
const FOLLOW_TAU_S = 20;
/** While something large stands in the view, the usual is followed this many times slower. */
const WARY = 6;
/** The least noise of so many looks counts, since whatever moves passes for noise. */
const NOISE_LOOKS = 20;
/** A new view is one when it matches itself a second before: a crowd before the camera does not. */
const STEADY = 0.6;

/** So many looks, and what is left of the least noise among them is noise. */
const LEAST_NOISE_LOOKS = 3;

/** What a camera usually sees and what was found wrong with it, for a restart of the process. Belongs in memory alone. */
export interface ImpairmentMemory {
  /** Of its pictures. */
  readonly width: number;
  readonly height: number;
  readonly usual: View | null;
  readonly home: View | null;
  readonly faults: { readonly [name in Impairment]: Turn | null };
}

/**
 * Finds a camera that is covered, defocused, turned, frozen or dark by comparing, once a second, what there is to
 * see with what is usual. All comparisons are ratios to that camera's own usual view; see docs/watches.md.
 */
export class Impairments {
  readonly #wanted: ReadonlySet<Impairment>;
  readonly #faults: Readonly<Record<Impairment, Fault>> = {
    covered: new Fault({ tellsAbsence: true }),
    defocused: new Fault({ tellsAbsence: false }),
    turned: new Fault({ tellsAbsence: false }),
    frozen: new Fault({ tellsAbsence: true }),
    dark: new Fault({ tellsAbsence: true }),
  };
  /** Tells once after the start that the view is in focus, whatever it was before. */
  readonly #focus = new Fault({ tellsAbsence: true });
  readonly #stillness = new Stillness();
  #noises: number[][] = [];
  #usual: View | null = null;
  /** What the camera saw before it was turned away. */
  #home: View | null = null;
  #before: { readonly pyramid: Pyramid; readonly view: View } | null = null;
  #learning: View[] = [];
  #learnedS = 0;
  #lastT = Number.NEGATIVE_INFINITY;
  #size: { readonly width: number; readonly height: number } | null = null;

  constructor(wanted: readonly Impairment[]) {
    this.#wanted = new Set(wanted);
  }

  /** The camera shows nothing now that anything could be judged by. */
  get isBlind(): boolean {
    if (this.#wanted.size === 0) return false;
    const { covered, turned, frozen, dark } = this.#faults;
    if (covered.isSuspected || dark.isSuspected || frozen.isActive) return true;
    return turned.isSuspected && !turned.isActive;
  }

  look(frame: Frame): WatchReport[] {
    if (this.#wanted.size === 0 || frame.t < this.#lastT + LOOK_EVERY_S - 1e-6) return [];
    this.#beginIfOther(frame);
    const sinceS = Math.min(5, frame.t - this.#lastT);
    this.#lastT = frame.t;
    const pyramid = pyramidOf(frame);
    const view = viewOf(pyramid);
    const findings = this.#findings(frame, pyramid, view, sinceS);
    return [...this.#turns(findings, frame.t), ...this.#inFocus(view, frame.t)];
  }

  #turns(findings: Record<Impairment, Finding>, t: number): WatchReport[] {
    return IMPAIRMENTS.flatMap((name): WatchReport[] => {
      const turn = this.#faults[name].look(findings[name], t);
      if (turn !== null && name === 'turned') this.#turn(turn.state);
      if (turn === null || !this.#wanted.has(name)) return [];
      return [{ kind: 'watch', watch: 'impairment', name, t, ...turn }];
    });
  }

  /**
   * A process that was started without what was usual before cannot compare: it learns a blurred view as it does a
   * sharp one. That a view is sharp can be told by itself, and ends what may have been told before the start.
   */
  #inFocus(view: View, t: number): WatchReport[] {
    const { defocused } = this.#faults;
    if (!this.#wanted.has('defocused') || defocused.isSuspected || defocused.save() !== null) return [];
    if (this.#noises.length < LEAST_NOISE_LOOKS) return [];
    const turn = this.#focus.look(isSharp(view, this.#leastNoise()) ? 'absent' : 'unknown', t);
    if (turn === null) return [];
    return [{ kind: 'watch', watch: 'impairment', name: 'defocused', t, ...turn }];
  }

  /** Null while there is nothing to be kept. */
  save(): ImpairmentMemory | null {
    if (this.#wanted.size === 0 || this.#size === null) return null;
    const { covered, defocused, turned, frozen, dark } = this.#faults;
    return {
      ...this.#size,
      usual: this.#usual,
      home: this.#home,
      faults: {
        covered: covered.save(),
        defocused: defocused.save(),
        turned: turned.save(),
        frozen: frozen.save(),
        dark: dark.save(),
      },
    };
  }

  /** Before the first picture. Pictures of another size begin anew. */
  restore({ width, height, usual, home, faults }: ImpairmentMemory): void {
    this.#size = { width, height };
    this.#usual = usual;
    this.#home = home;
    for (const name of IMPAIRMENTS) {
      const turn = faults[name];
      if (turn !== null) this.#faults[name].restore(turn);
    }
  }

  /** The source was opened anew, and stream time begins again; the camera is the same. */
  restart(): void {
    this.#lastT = Number.NEGATIVE_INFINITY;
    this.#before = null;
    this.#stillness.restart();
    for (const fault of Object.values(this.#faults)) fault.restart();
  }

  /** Another view comes: what is usual is learned anew. */
  forget(): void {
    this.#usual = null;
    this.#home = null;
    this.#before = null;
    this.#noises = [];
    this.#learning = [];
    this.#learnedS = 0;
    for (const fault of Object.values(this.#faults)) fault.restart();
  }

  #beginIfOther({ width, height }: Frame): void {
    if (width === this.#size?.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.forget();
  }

  #findings(frame: Frame, pyramid: Pyramid, view: View, sinceS: number): Record<Impairment, Finding> {
    const noise = this.#noise(pyramid);
    const isSteady = (this.#matchBefore(view, noise) ?? 0) >= STEADY;
    this.#before = { pyramid, view };
    const isDark = dark(pyramid);
    const still = this.#stillness.look(frame);
    const frozen = isDark === 'absent' ? still : 'unknown';
    const unknown = { covered: 'unknown', defocused: 'unknown', turned: 'unknown' } as const;
    if (isDark !== 'absent') return { ...unknown, dark: isDark, frozen };
    const isBack = this.#home !== null && isHome(compare(view, this.#home, noise));
    if (this.#usual === null) {
      this.#learn(view, sinceS);
      const isCovered = hasDetail(view, noise) ? 'absent' : 'unknown';
      return { ...unknown, turned: isBack ? 'absent' : 'unknown', covered: isCovered, dark: isDark, frozen };
    }
    const comparison = compare(view, this.#usual, noise, this.#noises.at(-1));
    const found = { covered: covered(comparison), defocused: defocused(comparison) };
    const turned = isBack ? 'absent' : this.#turned(comparison, isSteady);
    this.#follow(view, comparison, { ...found, turned }, sinceS);
    // Codecs repeat a picture in which nothing is to be seen: that it stands still says nothing then.
    const isCovered = found.covered === 'present';
    if (isCovered) return { ...unknown, covered: 'present', dark: isDark, frozen: 'unknown' };
    return { ...found, turned, dark: isDark, frozen };
  }

  #turned(comparison: Comparison, isSteady: boolean): Finding {
    if (this.#home !== null) return 'unknown';
    if (isHome(comparison)) return 'absent';
    return isSteady && isElsewhere(comparison) ? 'present' : 'unknown';
  }

  #learn(view: View, sinceS: number): void {
    if (this.#learning.length > 0) this.#learnedS += sinceS;
    this.#learning.push(view);
    if (this.#learnedS < LEARN_S) return;
    this.#usual = usualOf(this.#learning);
    this.#learning = [];
  }

  #follow(
    view: View,
    { matched }: Comparison,
    found: Readonly<Record<string, Finding>>,
    sinceS: number,
  ): void {
    const { covered, defocused, turned } = this.#faults;
    const isSuspicious = covered.isActive || defocused.isActive || (turned.isSuspected && !turned.isActive);
    if (this.#usual === null || isSuspicious || Object.values(found).includes('present')) return;
    const isWary = matched !== null && matched < 0.5;
    follow(this.#usual, view, (1 - Math.exp(-sinceS / FOLLOW_TAU_S)) / (isWary ? WARY : 1));
  }

  /** Turned away: what is seen now becomes usual, and the view from before is remembered. */
  #turn(state: 'began' | 'ended'): void {
    if (state === 'ended') {
      this.#usual = this.#home;
      this.#home = null;
      return;
    }
    this.#home = this.#usual;
    this.#usual = null;
    this.#learning = [];
    this.#learnedS = 0;
  }

  #noise(pyramid: Pyramid): number[] {
    if (this.#before !== null) {
      this.#noises.push(noiseBetween(pyramid, this.#before.pyramid));
      if (this.#noises.length > NOISE_LOOKS) this.#noises.shift();
    }
    return this.#leastNoise();
  }

  #leastNoise(): number[] {
    if (this.#noises.length === 0) return new Array<number>(BANDS).fill(0);
    return Array.from({ length: BANDS }, (_, band) =>
      this.#noises.reduce((least, noise) => Math.min(least, noise[band] ?? 0), Number.POSITIVE_INFINITY),
    );
  }

  #matchBefore(view: View, noise: readonly number[]): number | null {
    return this.#before === null ? null : compare(view, this.#before.view, noise).matched;
  }
}
