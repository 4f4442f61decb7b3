import type { Frame } from '#agent/ports/frames.ts';
import { randomFrom } from '../scenes/random.ts';
import { CLIP_DWELL_S, type Clip, framesOf } from './detect-clips.ts';
import { judged } from './detect-judge.ts';
import { PERTURBATIONS, type Perturbation } from './detect-perturbations.ts';
import { type Score, scoreOf, type Tally, tallyOf } from './detect-score.ts';

/** What the detector finds under one perturbation. */
export interface PerturbRow extends Tally {
  readonly perturbation: string;
  readonly missed: readonly string[];
  readonly falseIn: readonly string[];
}

export interface PerturbOptions {
  /** Only those whose name holds this. */
  readonly only?: string | undefined;
  /** Called before each of the measurements. */
  readonly onStep?: (perturbation: string, clip: string) => void;
}

const SEED = 4;

/** Every perturbation of every clip; a clip is decoded once for each size and rate, and then let go. */
export async function benchPerturbed(
  clips: readonly Clip[],
  { only = '', onStep = () => undefined }: PerturbOptions = {},
): Promise<readonly PerturbRow[]> {
  const wanted = PERTURBATIONS.filter(({ name }) => name.includes(only));
  const scores = new Map<Perturbation, Map<string, Score>>(wanted.map((each) => [each, new Map()]));
  for (const clip of clips) {
    const decoder = new Decoder(clip);
    for (const [perturbation, byClip] of inOrder(scores)) {
      onStep(perturbation.name, clip.name);
      byClip.set(clip.name, await scoreUnder(perturbation, clip, decoder));
    }
  }
  return [...scores].map(([{ name }, byClip]) => rowOf(name, byClip));
}

const widthOf = ({ width = 320 }: Perturbation): number => width;
const rateOf = ({ framesPerSecond = 10 }: Perturbation): number => framesPerSecond;

/** Those of one size and rate together, so that they are decoded once. */
function inOrder<T>(scores: ReadonlyMap<Perturbation, T>): [Perturbation, T][] {
  return [...scores].sort(([a], [b]) => widthOf(a) - widthOf(b) || rateOf(a) - rateOf(b));
}

/** Keeps the pictures of a clip as they were asked for last. */
class Decoder {
  readonly #clip: Clip;
  #key = '';
  #frames: readonly Frame[] = [];

  constructor(clip: Clip) {
    this.#clip = clip;
  }

  async framesFor(perturbation: Perturbation): Promise<readonly Frame[]> {
    const asked = { width: widthOf(perturbation), framesPerSecond: rateOf(perturbation) };
    const key = `${asked.width} ${asked.framesPerSecond}`;
    if (key !== this.#key) {
      this.#frames = [];
      this.#frames = await framesOf(this.#clip, asked);
      this.#key = key;
    }
    return this.#frames;
  }
}

async function scoreUnder(perturbation: Perturbation, clip: Clip, decoder: Decoder): Promise<Score> {
  const { change, truth = (same) => same } = perturbation;
  const frames = await decoder.framesFor(perturbation);
  const changed = change === undefined ? frames : change(frames, randomFrom(SEED));
  return scoreOf(clip.truths.map(truth), await judged(changed, CLIP_DWELL_S));
}

function rowOf(perturbation: string, byClip: ReadonlyMap<string, Score>): PerturbRow {
  const missed: string[] = [];
  const falseIn: string[] = [];
  for (const [name, { findings, falseAlarms }] of byClip) {
    for (const { what, raised } of findings) if (raised === null) missed.push(what);
    for (const { t } of falseAlarms) falseIn.push(`${name} at ${t.toFixed(1)} s`);
  }
  return { perturbation, ...tallyOf([...byClip.values()]), missed, falseIn };
}
