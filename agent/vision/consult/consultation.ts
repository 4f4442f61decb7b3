import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, ObjectDetector } from '#agent/ports/object-detector.ts';
import type { Settings } from '../settings.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, widthOf } from '../tracking/rect.ts';
import type { Advice } from './advice.ts';
import type { Candidate } from './candidates.ts';
import { cropped, surroundings } from './crop.ts';
import { lookAt } from './look.ts';
import { Memory } from './memory.ts';
import { WellBeing } from './well-being.ts';

export interface ConsultationOptions {
  readonly detector: ObjectDetector;
  readonly model: Pick<ModelConfig, 'people' | 'luggage' | 'looksPerSecond'>;
  readonly settings: Pick<Settings, 'attendanceRadius' | 'lingerRadius'>;
}

/** The scene as far as looking at it needs. */
export interface Consulted {
  readonly t: number;
  readonly scale: PersonScale;
  /** 1 for each pixel of the picture that moves. */
  readonly moving: Uint8Array;
  readonly candidates: readonly Candidate[];
}

export interface TrackAdvice {
  readonly trackId: number;
  readonly advice: Advice;
}

/** How often was looked, how often not because a look was still under way, and how often in vain. */
export interface LookCounts {
  readonly looks: number;
  readonly dropped: number;
  readonly failed: number;
}

/** A thing is looked at from this share of its dwell time on, or this long before it is due. */
const FROM_SHARE_OF_DWELL = 1 / 3;
const SOON_S = 5;
/** Looks count for this long, or for as long as so many rounds over all candidates take. */
const FRESH_S = 15;
const FRESH_ROUNDS = 4;
/** More than this many candidates at once is a hall being cleared; the model is not asked about the others. */
const MAX_CANDIDATES = 32;

/**
 * Asks the learned detector about candidates, one look at a time and seldom, and adds up what it says. Nothing here
 * waits: a look is given a copy of its part of the picture, and its answer counts whenever it comes.
 */
export class Consultation {
  readonly #options: ConsultationOptions;
  readonly #memories = new Map<number, Memory>();
  readonly #wellBeing = new WellBeing();
  #isLooking = false;
  #dueT = Number.NEGATIVE_INFINITY;
  /** Counts scenes: an answer about an earlier one is about another thing. */
  #scene = 0;
  #looks = 0;
  #dropped = 0;
  #failed = 0;

  constructor(options: ConsultationOptions) {
    this.#options = options;
  }

  get counts(): LookCounts {
    return { looks: this.#looks, dropped: this.#dropped, failed: this.#failed };
  }

  /** Forgets every thing: the scene is another one. */
  reset(): void {
    this.#memories.clear();
    this.#dueT = Number.NEGATIVE_INFINITY;
    this.#scene++;
  }

  /** Takes in a picture that was judged; answers what is to be said now of each candidate. */
  push(frame: Frame, scene: Consulted): TrackAdvice[] {
    const { t, candidates } = scene;
    const asked = candidates.slice(0, MAX_CANDIDATES);
    this.#remember(asked);
    const wanted = asked.filter((candidate) => this.#isWanted(candidate, t));
    this.#maybeLook(frame, scene, wanted);
    const freshS = Math.max(FRESH_S, (FRESH_ROUNDS * wanted.length) / this.#options.model.looksPerSecond);
    return asked.flatMap(({ id }) => this.#adviceOn(id, t, freshS));
  }

  #remember(candidates: readonly Candidate[]): void {
    for (const id of this.#memories.keys()) {
      if (!candidates.some((candidate) => candidate.id === id)) this.#memories.delete(id);
    }
    for (const { id, aloneT } of candidates) {
      const memory = this.#memories.get(id) ?? new Memory();
      memory.setAlone(aloneT);
      this.#memories.set(id, memory);
    }
  }

  #isWanted({ id, dwellS }: Candidate, t: number): boolean {
    const memory = this.#memories.get(id);
    const aloneT = memory?.aloneT ?? null;
    if (memory === undefined || aloneT === null) return false;
    if (memory.isAttended || memory.wantsEarly(t)) return true;
    return t - aloneT >= Math.max(0, Math.min(dwellS * FROM_SHARE_OF_DWELL, dwellS - SOON_S));
  }

  #maybeLook(frame: Frame, scene: Consulted, wanted: readonly Candidate[]): void {
    const { t } = scene;
    const periodS = 1 / this.#options.model.looksPerSecond;
    // A camera's clock that was set back must not stop the looks.
    if (t + 1e-6 < this.#dueT && this.#dueT - t <= periodS) return;
    const next = this.#longestUnseen(wanted);
    if (next === null) return;
    const lateS = t - this.#dueT;
    this.#dueT = (lateS >= 0 && lateS < periodS ? this.#dueT : t) + periodS;
    if (this.#isLooking) this.#dropped++;
    else void this.#look(frame, scene, next);
  }

  /** One after another; of those never looked at, the one that is due first. */
  #longestUnseen(wanted: readonly Candidate[]): Candidate | null {
    const lookedT = ({ id }: Candidate) => this.#memories.get(id)?.lookedT ?? Number.NEGATIVE_INFINITY;
    const dueT = ({ aloneT, dwellS }: Candidate) => (aloneT ?? 0) + dwellS;
    let next: Candidate | null = null;
    for (const candidate of wanted) {
      const isEarlier = next !== null && lookedT(candidate) === lookedT(next) && dueT(candidate) < dueT(next);
      if (next === null || lookedT(candidate) < lookedT(next) || isEarlier) next = candidate;
    }
    return next;
  }

  async #look(frame: Frame, { t, scale, moving }: Consulted, { id, rect }: Candidate): Promise<void> {
    const { detector, model, settings } = this.#options;
    const { width } = frame;
    const { attendanceRadius } = settings;
    const crop = surroundings(rect, frame, scale);
    const question = { t, rect, crop, moving: cropped(moving, width, crop), scale, attendanceRadius };
    const part = { width: widthOf(crop), height: heightOf(crop), t, data: cropped(frame.data, width, crop) };
    const memory = this.#memories.get(id);
    if (memory !== undefined) memory.lookedT = t;
    const generation = this.#scene;
    this.#isLooking = true;
    this.#looks++;
    try {
      const sights = await detector.look(part);
      this.#wellBeing.answered();
      if (generation === this.#scene) memory?.add(lookAt(question, sights, model));
    } catch (error) {
      this.#failed++;
      this.#wellBeing.failed(error);
    } finally {
      this.#isLooking = false;
    }
  }

  #adviceOn(trackId: number, t: number, freshS: number): TrackAdvice[] {
    const memory = this.#memories.get(trackId);
    if (memory === undefined) return [];
    const advice = memory.adviceAt(t, freshS, this.#options.settings.lingerRadius);
    const { trouble } = this.#wellBeing;
    return [{ trackId, advice: trouble === null ? advice : silenced(advice, trouble) }];
  }
}

/** With nobody to ask, everything is as without a model; only the flag says so. */
const silenced = ({ looks, t }: Advice, state: Advice['state']): Advice => ({
  state,
  looks,
  t,
  isVetoed: false,
  isAttended: false,
  score: null,
});
