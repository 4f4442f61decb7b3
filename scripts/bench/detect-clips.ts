import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import type { Frame } from '#agent/ports/frames.ts';
import { systemClock } from '#contract/clock.ts';
import { Box } from '#contract/event-data.ts';
import { bagScene } from '../clips/demo-scenes.ts';
import { drawClips } from '../clips/draw.ts';
import { truthsOf } from '../scenes/truth.ts';
import { ROOT } from '../site/demo-site.ts';
import { judged } from './detect-judge.ts';
import { recallOf, type Score, scoreOf, type Tally, type Truth, tallyOf } from './detect-score.ts';

/** A video of a real scene, with what is to be found in it. */
export interface Clip {
  readonly name: string;
  readonly file: string;
  readonly truths: readonly Truth[];
}

/** Beside the project, never in it: these are not ours to give away. */
export const SHARED_CLIPS: string = join(ROOT, '../shared/clips');
export const CLIP_DWELL_S = 10;
/** What the vision process uses by default. */
const WIDTH = 320;
const FRAMES_PER_SECOND = 10;

const GroundTruth = z.object({
  clips: z.record(
    z.string(),
    z.object({ events: z.array(z.object({ from: z.number(), to: z.number(), box: Box, what: z.string() })) }),
  ),
});

/** The clips in `folder`, by its ground-truth.json; null where there are none. */
export function clipsIn(folder: string = SHARED_CLIPS): readonly Clip[] | null {
  const file = join(folder, 'ground-truth.json');
  if (!existsSync(file)) return null;
  const { clips } = GroundTruth.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(clips).map(([name, { events }]) => ({
    name,
    file: join(folder, name),
    truths: events,
  }));
}

/** The clips of the demonstration, whose truth is exact. Throws WP2410. */
export async function drawnClips(): Promise<readonly Clip[]> {
  const { bag, quiet } = await drawClips();
  return [
    { name: 'drawn: a bag is left', file: bag, truths: truthsOf(bagScene()) },
    { name: 'drawn: nothing is left', file: quiet, truths: [] },
  ];
}

/** The pictures of a clip, all in memory: some 120 MB of the longest. Throws WP2401, WP2402. */
export async function framesOf(
  { file }: Clip,
  { width = WIDTH, framesPerSecond = FRAMES_PER_SECOND }: { width?: number; framesPerSecond?: number } = {},
): Promise<readonly Frame[]> {
  const request = { source: file, width, framesPerSecond, pace: 'fastest' as const };
  const frames: Frame[] = [];
  const signal = new AbortController().signal;
  for await (const frame of openFrameSource(systemClock).frames(request, signal)) frames.push(frame);
  return frames;
}

export interface ClipRow extends Tally {
  readonly clip: string;
  readonly missed: readonly string[];
  readonly falseAt: readonly string[];
}

export interface ClipsBench {
  readonly dwellS: number;
  readonly rows: readonly ClipRow[];
  readonly total: Tally & { readonly recall: number };
}

/** The detector on each of the clips, judged by their ground truth; `onStep` is told the name of each. */
export async function benchClips(
  clips: readonly Clip[],
  onStep: (name: string) => void = () => undefined,
): Promise<ClipsBench> {
  const scores = new Map<string, Score>();
  for (const clip of clips) {
    onStep(clip.name);
    scores.set(clip.name, scoreOf(clip.truths, await judged(await framesOf(clip), CLIP_DWELL_S)));
  }
  const tally = tallyOf([...scores.values()]);
  const rows = [...scores].map(([clip, score]) => rowOf(clip, score));
  return { dwellS: CLIP_DWELL_S, rows, total: { ...tally, recall: recallOf(tally) } };
}

function rowOf(clip: string, score: Score): ClipRow {
  const missed = score.findings.filter(({ raised }) => raised === null).map(({ what }) => what);
  return {
    clip,
    ...tallyOf([score]),
    missed,
    falseAt: score.falseAlarms.map(({ t }) => `${t.toFixed(1)} s`),
  };
}
