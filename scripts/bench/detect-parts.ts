import { WatchpostError } from '#contract/errors.ts';
import { benchClips, type Clip, clipsIn, drawnClips, SHARED_CLIPS } from './detect-clips.ts';
import { benchKernel } from './detect-kernel.ts';
import { benchMemory } from './detect-memory.ts';
import { benchModel } from './detect-model.ts';
import { benchPerturbed } from './detect-perturb.ts';
import { benchPipeline } from './detect-pipeline.ts';
import { benchResolution } from './detect-resolution.ts';
import { benchRound } from './detect-round.ts';
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
  round: {
    about: 'a robot’s rounds through a drawn hall, 24 visits a seed',
    run: async ({ seeds, firstSeed, onStep }) => benchRound({ seeds, firstSeed, onStep }),
  },
  pipeline: {
    about: 'the whole detector at 640×360 beside OpenCV',
    run: ({ onStep }) => benchPipeline(onStep),
  },
  kernel: {
    about: 'the background kernel beside a bare copy of its bytes',
    run: ({ onStep }) => benchKernel(onStep),
  },
  memory: { about: 'the buffers of a camera, counted', run: benchMemory },
  resolution: {
    about: 'time against the size of the picture',
    run: ({ onStep }) => benchResolution(onStep),
  },
  model: { about: 'a look of a learned detector of the size of MobileNet', run: model },
};

async function clips({ only = '', onStep }: DetectPartOptions): Promise<object> {
  const { found, note } = await anyClips();
  const wanted = found.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) throw new WatchpostError('WP5054', { detail: `clip ${only}` });
  return { ...(await benchClips(wanted, onStep)), ...note };
}

async function perturb({ only, onStep }: DetectPartOptions): Promise<object> {
  const { found, note } = await anyClips();
  const rows = await benchPerturbed(found, { only, onStep: (name, clip) => onStep(`${name}: ${clip}`) });
  if (rows.length === 0) throw new WatchpostError('WP5054', { detail: `perturbation ${only}` });
  return { rows, ...note };
}

/** The real clips, or those that the project draws where there are none. */
async function anyClips(): Promise<{ found: readonly Clip[]; note: { note?: string } }> {
  const found = clipsIn();
  if (found !== null) return { found, note: {} };
  const note = `There are no clips in ${SHARED_CLIPS}; these are the drawn ones.`;
  return { found: await drawnClips(), note: { note } };
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
