import { detectorMs, speedFrames } from './detect-frames.ts';
import { median, rounded } from './figures.ts';
import { openOpenCv } from './opencv.ts';

const WIDTH = 640;
const FRAMES = 400;
const ROUNDS = 5;
/** Of the time of OpenCV's pipeline, and of one of its background models alone. */
const TARGETS = { ofPipeline: 0.25, ofOneModel: 0.5 } as const;

/** The whole detector, picture to events, beside OpenCV in turns on the same pictures, both on one thread, by processor time. */
export async function benchPipeline(onStep: (what: string) => void): Promise<object> {
  const { of, frames } = await speedFrames(WIDTH, FRAMES);
  const [first] = frames;
  const about = { pictures: of, count: frames.length, width: first?.width, height: first?.height };
  const openCv = await openOpenCv(frames);
  const ours: number[] = [];
  const one: number[] = [];
  const dual: number[] = [];
  try {
    detectorMs(frames);
    for (let round = 1; round <= ROUNDS; round++) {
      onStep(`round ${round} of ${ROUNDS}`);
      ours.push(detectorMs(frames));
      if (openCv === null) continue;
      one.push(await openCv.run('one'));
      dual.push(await openCv.run('dual'));
    }
  } finally {
    await openCv?.close();
  }
  const msPerFrame = rounded(median(ours), 3);
  if (openCv === null) return { ...about, msPerFrame, note: NO_OPENCV };
  const ratio = (theirs: readonly number[]) =>
    rounded(median(ours.map((ms, at) => ms / (theirs[at] ?? Number.NaN))), 3);
  return {
    ...about,
    msPerFrame,
    openCv: {
      version: openCv.version,
      pipelineMs: rounded(median(dual), 3),
      oneModelMs: rounded(median(one), 3),
    },
    ratio: { ofPipeline: ratio(dual), ofOneModel: ratio(one) },
    target: TARGETS,
  };
}

const NO_OPENCV =
  'OpenCV for Python is not there, so there is nothing to compare with: sudo apt-get install python3-opencv';
