import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { WatchpostError } from './errors.ts';

/** What the kernel says of a chip: `name` is that of its device file, `label` that of the hardware. */
export interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

export interface LineInfo {
  /** From the device tree; empty where nobody named it. */
  readonly name: string;
  /** Who holds it; empty for a kernel driver that does not say. */
  readonly consumer: string;
  readonly used: boolean;
}

/**
 * Edges as they came: for each the level (1 active, 0 not), CLOCK_MONOTONIC in ms, and the kernel's count of the
 * line's edges, from 1; a gap in it are edges that did not fit its buffer. `code` is null, or the name of the error
 * (ENODEV: the chip is gone) after which nothing more comes.
 */
export type EdgeListener = (code: string | null, edges: Float64Array) => void;

/** native/lines.c and native/notify.c. What fails throws an Error with the name of the errno as its `code`. */
export interface Addon {
  /** GPIO_V2_LINE_FLAG_… of linux/gpio.h, to be combined. */
  readonly flags: Readonly<Record<'activeLow' | 'biasUp' | 'biasDown' | 'biasNone', number>>;
  chip(path: string): ChipInfo;
  line(path: string, offset: number): LineInfo;
  /** Holds a line as an input whose edges are read; the answer names it for `level` and `release`. */
  watch(
    path: string,
    offset: number,
    flags: number,
    consumer: string,
    debounceUs: number,
    buffered: number,
    listener: EdgeListener,
  ): number;
  /** Holds a line as an output. */
  drive(path: string, offset: number, flags: number, consumer: string, level: number): number;
  level(line: number): number;
  set(line: number, level: number): void;
  /** Does nothing for a line that is not held. */
  release(line: number): void;
  /** Sends one datagram to a unix socket; never waits (EAGAIN). A path with @ first is an abstract name. */
  notify(path: string, message: string): void;
}

/** Where set-up and the image put the addon. */
export const addonFile = (): string =>
  fileURLToPath(new URL(`../.cache/native/linux-${process.arch}/watchpost.node`, import.meta.url));

/** @throws WatchpostError WP2340 where it was not built or does not load */
export function loadAddon(file = addonFile()): Addon {
  const loaded = load(file);
  if (isAddon(loaded)) return loaded;
  throw new WatchpostError('WP2340', { detail: `${file} is not the addon` });
}

function load(file: string): unknown {
  try {
    return createRequire(import.meta.url)(file);
  } catch (cause) {
    throw new WatchpostError('WP2340', { detail: file, cause });
  }
}

const FUNCTIONS = ['chip', 'line', 'watch', 'drive', 'level', 'set', 'release', 'notify'];

function isAddon(value: unknown): value is Addon {
  if (typeof value !== 'object' || value === null || !('flags' in value)) return false;
  return FUNCTIONS.every((name) => typeof Reflect.get(value, name) === 'function');
}
