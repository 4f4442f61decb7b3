import { Command, InvalidArgumentError } from 'commander';
import { SOURCE_PATTERN } from '#agent/drivers/gstreamer/config.ts';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import { type Detection, Detector } from '#agent/vision/detector.ts';
import { systemClock } from '#contract/clock.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Explanation } from '#scripts/explain/explanation.ts';

interface DetectOptions {
  readonly input: string;
  readonly dwell: number;
  readonly all?: true;
  readonly json?: true;
  readonly explain?: string;
}

/** What the vision process uses by default: width in pixels, frames a second. */
const WIDTH = 320;
const FRAMES_PER_SECOND = 10;
const PROGRESS_EVERY_FRAMES = 100;

const TYPE_OF = {
  left: 'wp.object.left.v1',
  updated: 'wp.object.updated.v1',
  reclaimed: 'wp.object.reclaimed.v1',
  removed: 'wp.object.removed.v1',
} as const satisfies Record<Detection['change'], EventType>;

/** `watchpost detect --input FILE|URL [--dwell S] [--all] [--json]` */
export function detectCommand(): Command {
  return new Command('detect')
    .requiredOption('--input <file-or-url>', 'a video file, rtsp://…, v4l2:///dev/videoN or test://', source)
    .option('--dwell <seconds>', 'how long a thing must have been left alone', dwell, 10)
    .option('--all', 'also when a thing that was reported is taken away again')
    .option('--json', 'print only JSON lines, with the measurements behind each')
    .option(
      '--explain <dir>',
      'write annotated pictures and a plot of the scores into this new or empty folder',
    )
    .addHelpText('after', HELP)
    .action(detect);
}

const HELP = `
Prints one line of JSON an event: {type, t, since, box: [x, y, width, height], score, reason};
t and since are seconds from the first frame, box is in fractions of the picture.
Exits 0 also when nothing was found, 1 when the input could not be read to its end.`;

function source(text: string): string {
  if (SOURCE_PATTERN.test(text) && !text.startsWith('sim:')) return text;
  throw new InvalidArgumentError('use a file, rtsp://…, v4l2:///dev/videoN or test://');
}

function dwell(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('use 1 to 3600 seconds');
}

/** Runs the vision process's code as fast as frames come. Throws WP2401, WP2402, WP5058, WP5059. */
async function detect({ input, dwell: dwellS, all, json, explain }: DetectOptions): Promise<void> {
  const progress = process.stderr.isTTY && json === undefined ? showProgress : () => undefined;
  const request = {
    source: input,
    width: WIDTH,
    framesPerSecond: FRAMES_PER_SECOND,
    pace: 'fastest' as const,
  };
  const explanation = explain === undefined ? null : await explanationIn(explain);
  let detector: Detector | null = null;
  let frames = 0;
  for await (const frame of openFrameSource(systemClock).frames(request, new AbortController().signal)) {
    const { width, height } = frame;
    detector ??= new Detector({ width, height, dwellS, newObjectId: () => String(frames) });
    for (const detection of detector.push(frame)) {
      if (detection.change === 'left' || all === true) process.stdout.write(lineOf(detection, json));
    }
    await explanation?.take(detector.view, frame);
    if (++frames % PROGRESS_EVERY_FRAMES === 0) progress(frame.t);
  }
  await explanation?.finish();
  progress(null);
}

/** Loaded only when asked for: what draws the plot is large. */
async function explanationIn(folder: string): Promise<Explanation> {
  const { Explanation } = await import('#scripts/explain/explanation.ts');
  const explanation = new Explanation({ folder, zones: [] });
  await explanation.start();
  return explanation;
}

/** State and measurements only where programs read it: the line becomes long. */
function lineOf(detection: Detection, json: true | undefined): string {
  const { change, t, since, box, score, reason, state, measurements } = detection;
  const line = {
    type: TYPE_OF[change],
    t: rounded(t, 2),
    since: rounded(since, 2),
    box: box.map((fraction) => rounded(fraction, 4)),
    score: rounded(score, 3),
    reason,
    ...(json === true ? { state, measurements } : {}),
  };
  return `${JSON.stringify(line)}\n`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** One line that is written over; null clears it. */
function showProgress(t: number | null): void {
  process.stderr.write(t === null ? '\r\x1b[K' : `\r${t.toFixed(0)} s of the video judged\x1b[K`);
}
