import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { SOURCE_PATTERN } from '#agent/drivers/gstreamer/config.ts';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { type Detection, Detector } from '#agent/vision/detector.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Explanation } from '#scripts/explain/explanation.ts';
import { type CameraChoice, profileCamera } from '../cameras/profile-camera.ts';

interface DetectOptions extends Partial<CameraChoice> {
  readonly input: string;
  readonly dwell?: number;
  readonly all?: true;
  readonly json?: true;
  readonly explain?: string;
}

/** How a camera is watched, as its profile says it. */
interface Watching {
  readonly width: number;
  readonly framesPerSecond: number;
  readonly dwellS: number;
  readonly zones: readonly Zone[];
}

/** Without a profile; of the vision process's defaults but for the dwell time, since films are short. */
const BARE: Watching = { width: 320, framesPerSecond: 10, dwellS: 10, zones: [] };
const PROGRESS_EVERY_FRAMES = 100;

const TYPE_OF = {
  left: 'wp.object.left.v1',
  updated: 'wp.object.updated.v1',
  reclaimed: 'wp.object.reclaimed.v1',
  removed: 'wp.object.removed.v1',
} as const satisfies Record<Detection['change'], EventType>;

/** `watchpost detect --input FILE|URL [--dwell S] [--profile FILE [--site-file FILE --device ID]] [--all] [--json] [--explain DIR]` */
export function detectCommand(): Command {
  return new Command('detect')
    .requiredOption('--input <file-or-url>', 'a video file, rtsp://…, v4l2:///dev/videoN or test://', source)
    .option(
      '--dwell <seconds>',
      'how long a thing must have been left alone (10, or what the profile says; zones keep their own)',
      dwell,
    )
    .option(
      '--profile <file>',
      'judge as the camera of this profile would: zones, dwell, width, frames a second',
    )
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--device <id>', 'which device of the site file')
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
A camera and test:// have no end: stop them with Ctrl-C.
Exits 0 also when nothing was found, 1 when the input could not be read to its end.`;

const isFile = (input: string): boolean => !/^(rtsps?|v4l2|test):/.test(input);

function source(text: string): string {
  if (SOURCE_PATTERN.test(text) && !text.startsWith('sim:')) return text;
  throw new InvalidArgumentError('use a file, rtsp://…, v4l2:///dev/videoN or test://');
}

function dwell(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('use 1 to 3600 seconds');
}

/** Runs the vision process's code as fast as frames come. Throws WP2401, WP2402, WP5024, WP5058, WP5059; see profileCamera. */
async function detect(options: DetectOptions): Promise<void> {
  const { input, all, json } = options;
  const { dwellS, zones, ...picture } = watchingOf(options);
  const isTold = process.stderr.isTTY && json === undefined;
  const stop = stopOnSignal();
  const explanation = options.explain === undefined ? null : await explanationIn(options.explain, zones);
  const request = { source: input, ...picture, pace: 'fastest' as const };
  let detector: Detector | null = null;
  let [frames, things, t] = [0, 0, 0];
  try {
    for await (const frame of openFrameSource(systemClock).frames(request, stop)) {
      const { width, height } = frame;
      t = frame.t;
      detector ??= new Detector({ width, height, dwellS, zones, newObjectId: () => String(++things) });
      for (const detection of detector.push(frame)) {
        if (detection.change === 'left' || all === true) process.stdout.write(lineOf(detection, json));
      }
      await explanation?.take(detector.view, frame);
      if (++frames % PROGRESS_EVERY_FRAMES === 0 && isTold) showProgress(t);
    }
  } finally {
    // Also of what could not be read to its end; where nothing was seen the folder stays empty, for the next try.
    if (frames > 0 || stop.aborted) await explanation?.finish();
  }
  if (isTold) showEnd(t, things, options.explain);
  if (stop.aborted && isFile(input)) {
    process.stderr.write(`stopped at ${t.toFixed(1)} s, before the end\n`);
    process.exitCode = 1;
  }
}

/** What the profile says, or what serves without one. */
function watchingOf({ profile, siteFile, device, dwell: dwellS }: DetectOptions): Watching {
  if (profile === undefined && (siteFile ?? device) !== undefined) {
    throw new WatchpostError('WP5024', {
      detail: '--site-file and --device say which camera of a profile is meant',
      hint: 'Give --profile FILE too.',
    });
  }
  const site = {
    ...(siteFile === undefined ? {} : { siteFile }),
    ...(device === undefined ? {} : { device }),
  };
  const watching = profile === undefined ? BARE : profileCamera({ profile, ...site });
  const { width, framesPerSecond, zones } = watching;
  return { width, framesPerSecond, zones, dwellS: dwellS ?? watching.dwellS };
}

/** The first Ctrl-C or SIGTERM ends the watching, so that what was found is written; another one ends the process. */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** Loaded only when asked for: what draws the plot is large. */
async function explanationIn(folder: string, zones: readonly Zone[]): Promise<Explanation> {
  const { Explanation } = await import('#scripts/explain/explanation.ts');
  const explanation = new Explanation({ folder, zones });
  await explanation.start();
  return explanation;
}

/** State and measurements only where programs read it: the line becomes long. */
function lineOf(detection: Detection, json: true | undefined): string {
  const { change, t, since, box, score, reason, state, measurements, zone } = detection;
  const line = {
    type: TYPE_OF[change],
    t: rounded(t, 2),
    since: rounded(since, 2),
    box: box.map((fraction) => rounded(fraction, 4)),
    score: rounded(score, 3),
    reason,
    ...(json === true ? { state, measurements, ...(zone === undefined ? {} : { zone }) } : {}),
  };
  return `${JSON.stringify(line)}\n`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** One line that is written over. */
function showProgress(t: number): void {
  process.stderr.write(`\r${t.toFixed(0)} s of the video judged\x1b[K`);
}

/** For whoever looks on: that nothing was found is an answer too. */
function showEnd(t: number, things: number, explained: string | undefined): void {
  const found = ['nothing', '1 thing'][things] ?? `${things} things`;
  process.stderr.write(`\r${t.toFixed(0)} s of the video judged: ${found} left behind\x1b[K\n`);
  if (explained !== undefined) process.stderr.write(`why: ${join(explained, 'index.html')}\n`);
}
