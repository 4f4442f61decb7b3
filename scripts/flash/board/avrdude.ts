import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { runTool, type ToolResult } from '../tool.ts';

/** How the bootloader of a board is spoken to (avrdude.conf; boards.txt of Arduino's core for AVR). */
export interface Loader {
  readonly part: string;
  readonly programmer: 'arduino' | 'wiring';
  /** Of the bootloader, not of the firmware: the first that answers. */
  readonly bauds: readonly number[];
}

export const LOADERS = {
  uno: { part: 'm328p', programmer: 'arduino', bauds: [115_200] },
  /** Before 2018 they came with a slower one. */
  nano: { part: 'm328p', programmer: 'arduino', bauds: [115_200, 57_600] },
  mega: { part: 'm2560', programmer: 'wiring', bauds: [115_200] },
} as const satisfies Record<string, Loader>;

export interface Line {
  readonly port: string;
  readonly loader: Loader;
  readonly baud: number;
}

/** A mega of 256 KiB takes half a minute; without an answer avrdude may spin for ever, on a whole core. */
const LIMIT_MS = 180_000;

/** What it prints, and what that is with us. The first that fits: what is wrong is said first. */
const COMPLAINTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/permission denied/i, 'WP4315'],
  [/can't open device|no such (file|device)/i, 'WP4330'],
  [/device or resource busy/i, 'WP4309'],
  [/expected signature|double check (connections|chip)|invalid device signature/i, 'WP4332'],
  [/verification (error|mismatch)|content mismatch/i, 'WP4313'],
];

export type Verdict = 'same' | 'other';

/**
 * Compares the flash of a board with a hex file; resets the board.
 * @throws WatchpostError WP4309, WP4314, WP4315, WP4330–WP4332
 */
export async function compare(line: Line, hex: string): Promise<Verdict> {
  const result = await avrdude(line, ['-U', `flash:v:${hex}:i`]);
  if (result.code === 0) return 'same';
  const error = refusalOf(result, line);
  if (error.code === 'WP4313') return 'other';
  throw error;
}

/** Writes it; `compare` says whether it is there. Throws as `compare`. */
export async function program(line: Line, hex: string): Promise<void> {
  // -D: an Arduino’s bootloader erases page by page; -V: it is compared afterwards, once.
  const result = await avrdude(line, ['-D', '-V', '-U', `flash:w:${hex}:i`]);
  if (result.code !== 0) throw refusalOf(result, line);
}

function avrdude({ port, loader, baud }: Line, more: readonly string[]): Promise<ToolResult> {
  // The default of ten attempts waits a minute for a board that does not answer.
  const few = loader.programmer === 'arduino' ? ['-x', 'attempts=3'] : [];
  const how = [...few, '-p', loader.part, '-c', loader.programmer, '-b', String(baud), '-P', port];
  return runTool({ command: ['avrdude', '-q', ...how, ...more], from: 'avrdude', timeoutMs: LIMIT_MS });
}

/** Also the answer to silence, and to noise: WP4331. */
function refusalOf({ complaint, timedOut }: ToolResult, { port, baud }: Line): WatchpostError {
  const code = COMPLAINTS.find(([pattern]) => pattern.test(complaint))?.[1] ?? 'WP4331';
  const said =
    complaint.split('\n').find((text) => /avrdude/.test(text) && !/retry attempts/.test(text)) ?? '';
  const why = timedOut ? 'nothing within three minutes' : said.replace(/^\s*avrdude:?\s*/, '').trim();
  return new WatchpostError(code, {
    detail: [`${port} at ${baud} baud`, why].filter((part) => part !== '').join(': '),
  });
}
