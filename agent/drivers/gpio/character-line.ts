import type { Addon } from '#contract/native-addon.ts';
import { findLine, type LinePlace } from './chips.ts';
import type { GpioInputConfig, GpioOutputConfig } from './config.ts';
import { lineError } from './line-errors.ts';
import type { LineListener, OpenLine } from './open-line.ts';
import type { HeldOutput } from './output.ts';

/** The most that the kernel keeps of one line (GPIO_V2_LINES_MAX × 16): ten seconds at 100 edges a second. */
export const BUFFERED_EDGES = 1024;
export const CONSUMER = 'watchpost';

type Wanted = Pick<GpioInputConfig, 'chip' | 'line' | 'activeLow' | 'bias' | 'debounceMs'>;

/**
 * An input line of the kernel's character device. Edges carry the kernel's own time: of the interrupt without
 * debounce, of the end of the debounce with it.
 * @throws WatchpostError WP2341–WP2349
 */
export function openCharacterLine(
  addon: Addon,
  wanted: Wanted,
  listener: LineListener,
  folder = '/dev',
): OpenLine {
  const { path, offset } = findLine(addon, wanted, folder);
  let last = 0;
  const onEdges = (code: string | null, edges: Float64Array) => {
    if (code !== null) {
      listener.gone(Object.assign(new Error(code), { code }));
      return;
    }
    for (let i = 0; i + 2 < edges.length; i += 3) {
      const [level = 0, atMonoMs = 0, count = 0] = edges.subarray(i, i + 3);
      const folded = count - last;
      last = count;
      listener.edge({ active: level === 1, atMonoMs, edges: folded });
    }
  };
  const id = hold(addon, wanted, path, offset, onEdges);
  return { active: () => addon.level(id) === 1, close: () => addon.release(id) };
}

/**
 * An output line, which begins with level 0.
 * @throws WatchpostError WP2341–WP2349
 */
export function openOutputLine(
  addon: Addon,
  wanted: Pick<GpioOutputConfig, 'chip' | 'line' | 'activeLow'>,
  folder = '/dev',
): HeldOutput {
  const { path, offset } = findLine(addon, wanted, folder);
  const id = held(addon, wanted, { path, offset }, () =>
    addon.drive(path, offset, wanted.activeLow ? addon.flags.activeLow : 0, CONSUMER, 0),
  );
  return { set: (level) => addon.set(id, level), close: () => addon.release(id) };
}

function hold(
  addon: Addon,
  wanted: Wanted,
  path: string,
  offset: number,
  onEdges: (code: string | null, edges: Float64Array) => void,
): number {
  const debounceUs = Math.round(wanted.debounceMs * 1000);
  return held(addon, wanted, { path, offset }, () =>
    addon.watch(path, offset, flagsOf(addon, wanted), CONSUMER, debounceUs, BUFFERED_EDGES, onEdges),
  );
}

/** What the addon answers, or why the line cannot be had. */
function held(
  addon: Addon,
  { chip }: { chip: string },
  { path, offset }: LinePlace,
  ask: () => number,
): number {
  try {
    return ask();
  } catch (cause) {
    throw lineError(cause, `line ${offset} of ${chip}${heldBy(addon, path, offset)}`);
  }
}

function flagsOf({ flags }: Addon, { activeLow, bias }: Wanted): number {
  const biases = { up: flags.biasUp, down: flags.biasDown, none: flags.biasNone };
  return (activeLow ? flags.activeLow : 0) | (bias === undefined ? 0 : biases[bias]);
}

/** Who holds a line that could not be had, for the message alone. */
function heldBy(addon: Addon, path: string, offset: number): string {
  try {
    const { used, consumer } = addon.line(path, offset);
    return used ? `, held by ${consumer === '' ? 'a kernel driver' : consumer}` : '';
  } catch {
    return ''; // What is told is why it could not be held.
  }
}
