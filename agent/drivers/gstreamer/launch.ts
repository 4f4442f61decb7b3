import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FrameRequest } from '#agent/ports/frames.ts';
import { WatchpostError } from '#contract/errors.ts';
import { SOURCE_PATTERN } from './config.ts';

/** How a request is played. */
export interface Launch {
  /** URI for `uridecodebin`, or null for the test source. */
  readonly uri: string | null;
  /** A camera: frames come when they come, and late ones are dropped. */
  readonly isLive: boolean;
  /** Elements up to grey frames of the width and rate asked for, without the sink. */
  readonly head: string;
  readonly tail: string;
}

/** Rows of GRAY8 are padded to this many bytes; a width that is a multiple needs no padding. */
const ROW_ALIGNMENT = 4;

/** Throws WP2404 for a source of no known kind, WP2402 for a file that is not there. */
export function launchOf({ source, width, framesPerSecond, pace }: FrameRequest): Launch {
  if (!SOURCE_PATTERN.test(source)) throw new WatchpostError('WP2404', { detail: redacted(source) });
  if (source === 'test://') {
    const isLive = pace === 'real-time';
    const head = `videotestsrc is-live=${isLive} pattern=ball ! video/x-raw,width=320,height=180`;
    return { uri: null, isLive, head, tail: tailOf(width, framesPerSecond, rateOf(isLive)) };
  }
  const uri = uriOf(source);
  const isLive = !uri.startsWith('file:');
  return { uri, isLive, head: 'uridecodebin', tail: tailOf(width, framesPerSecond, rateOf(isLive)) };
}

type Rate = (framesPerSecond: number) => readonly string[];

/**
 * A file has every picture of the rate asked for, repeated where it has fewer. Of a camera none is repeated: one
 * that gives a picture a second would otherwise give ten at once, which says nothing and looks like stillness.
 */
function rateOf(isLive: boolean): Rate {
  return (framesPerSecond) =>
    isLive
      ? [`videorate max-rate=${Math.ceil(framesPerSecond)}`]
      : ['videorate', `video/x-raw,framerate=${Math.round(framesPerSecond * 1000)}/1000`];
}

/** What the decoder knows to be damaged is left out. */
function tailOf(width: number, framesPerSecond: number, rate: Rate): string {
  return [
    'identity drop-buffer-flags=corrupted',
    ...rate(framesPerSecond),
    'videoconvert',
    'videoscale',
    `video/x-raw,format=GRAY8,width=${width - (width % ROW_ALIGNMENT)},pixel-aspect-ratio=1/1`,
  ].join(' ! ');
}

function uriOf(source: string): string {
  if (/^(rtsps?|v4l2):/.test(source)) return source;
  if (source.startsWith('sim:')) throw new WatchpostError('WP2404', { detail: source });
  const path = resolve(source);
  if (!existsSync(path)) throw new WatchpostError('WP2402', { detail: `${path}: no such file` });
  return pathToFileURL(path).href;
}

/** A file that ends this much before its stated length was cut off. */
const CUT_SHARE = 0.1;
const CUT_MIN_S = 2;

/**
 * What is wrong with a file that ended at `lastT` (null: without a frame) though it says to be `durationS` long
 * (null or not positive: unknown); null when nothing is.
 */
export function cutFailure(launch: Launch, lastT: number | null, durationS: number | null): string | null {
  if (launch.isLive || launch.uri === null) return null;
  if (lastT === null) return 'no frames in it';
  if (durationS === null || durationS - lastT <= Math.max(CUT_MIN_S, CUT_SHARE * durationS)) return null;
  return `it ends at ${lastT.toFixed(1)} s of ${durationS.toFixed(1)} s`;
}

/** Parts of an address that say who may see the camera: before the host, or as some cameras have it, behind it. */
const USER_PASSWORD = /(\w+:\/\/[^\s:/@]*):[^\s/]*@/g;
const NAMED_SECRET = /\b(pass\w*|pwd|token|secret|auth\w*|key)=[^\s&;/?#]+/gi;

/** A text without the passwords of the addresses in it. */
export function redacted(text: string): string {
  return text.replace(USER_PASSWORD, '$1:***@').replace(NAMED_SECRET, '$1=***');
}

/** Whether a source is a network camera whose address holds a password: it must not be shown. */
export const isSecret = (source: string): boolean => /^rtsps?:/.test(source) && redacted(source) !== source;
