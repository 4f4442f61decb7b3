import { WatchpostError } from '#contract/errors.ts';
import { benchClips, clipsIn, SHARED_CLIPS } from './detect-clips.ts';
import { benchModel } from './detect-model.ts';
import { benchPerturbed } from './detect-perturb.ts';
import { benchScenes } from './detect-scenes.ts';

/** What `bench detect` can be asked for by name; each reads of the options what it needs. */
export interface DetectPart {
  readonly about: string;
  readonly run: (options: DetectPartOptions) => Promise<object>;
}

export interface DetectPartOptions {
  /** Only what has this in its name. */
  readonly only?: string | undefined;
  readonly seeds?: number | undefined;
  readonly firstSeed?: number | undefined;
  /** Told what is being done, for whoever waits. */
  readonly onStep: (what: string) => void;
}

export const DETECT_PARTS: Readonly<Record<string, DetectPart>> = {
  clips: { about: 'real clips with ground truth: found, missed, false', run: clips },
  perturb: { about: 'the same clips mirrored, dimmed, shaken, noisy, …', run: perturb },
  scenes: { about: 'drawn scenes with exact truth, scenario by scenario', run: scenes },
  model: { about: 'a look of a learned detector of the size of MobileNet', run: model },
};

async function clips({ onStep }: DetectPartOptions): Promise<object> {
  const found = clipsIn();
  return found === null ? { note: NO_CLIPS } : benchClips(found, onStep);
}

async function perturb({ only, onStep }: DetectPartOptions): Promise<object> {
  const found = clipsIn();
  if (found === null) return { note: NO_CLIPS };
  const rows = await benchPerturbed(found, { only, onStep: (name, clip) => onStep(`${name}: ${clip}`) });
  if (rows.length === 0) throw new WatchpostError('WP5054', { detail: `perturbation ${only}` });
  return { rows };
}

async function scenes({ only, seeds, firstSeed, onStep }: DetectPartOptions): Promise<object> {
  const onScene = ({ scenario, seed }: { scenario: string; seed: number }) =>
    onStep(`${scenario}, seed ${seed}`);
  const bench = benchScenes({ only, seeds, firstSeed, onScene });
  if (bench.scenes === 0) throw new WatchpostError('WP5054', { detail: `scenario ${only}` });
  return bench;
}

function model({ onStep }: DetectPartOptions): Promise<object> {
  return benchModel(onStep);
}

const NO_CLIPS = `There are no clips in ${SHARED_CLIPS}.`;
