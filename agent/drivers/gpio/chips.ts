import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { Addon, ChipInfo } from '#contract/native-addon.ts';
import { codeOf, lineError } from './line-errors.ts';

/** A line as the profile names it. */
export interface LineName {
  readonly chip: string;
  readonly line: number | string;
}

/** A line as the kernel is asked for it. */
export interface LinePlace {
  readonly path: string;
  readonly offset: number;
}

interface FoundChip extends ChipInfo {
  readonly path: string;
}

/**
 * Finds a line by its chip's label (or name) among the character devices.
 * @throws WatchpostError WP2341 no such chip, WP2342 several, WP2343 no such line, WP2346 not allowed, WP2349 old kernel
 */
export function findLine(addon: Addon, { chip, line }: LineName, folder = '/dev'): LinePlace {
  const chips = chipsIn(addon, folder);
  const fitting = chips.filter(({ label, name }) => label === chip || name === chip);
  const [found, another] = fitting;
  if (found === undefined) {
    const there = chips.length === 0 ? 'no chips' : chips.map(shown).join(', ');
    throw new WatchpostError('WP2341', { detail: `${chip}; here: ${there}` });
  }
  if (another !== undefined) {
    throw new WatchpostError('WP2342', { detail: `${chip}: ${fitting.map(({ name }) => name).join(', ')}` });
  }
  return { path: found.path, offset: offsetOf(addon, found, line) };
}

const shown = ({ name, label, lines }: ChipInfo): string => `${label} (${name}, ${lines} lines)`;

function chipsIn(addon: Addon, folder: string): FoundChip[] {
  const names = readdirSync(folder).filter((name) => /^gpiochip\d+$/.test(name));
  return names.flatMap((name) => {
    const path = join(folder, name);
    try {
      return [{ ...addon.chip(path), path }];
    } catch (cause) {
      // One that is unplugged between the two looks is not there.
      if (['ENOENT', 'ENODEV', 'ENXIO'].includes(codeOf(cause))) return [];
      throw lineError(cause, path);
    }
  });
}

function offsetOf(addon: Addon, { path, label, lines }: FoundChip, line: number | string): number {
  if (typeof line === 'number') {
    if (line < lines) return line;
    throw new WatchpostError('WP2343', { detail: `line ${line} of ${label}, which has 0 to ${lines - 1}` });
  }
  for (let offset = 0; offset < lines; offset++) {
    if (addon.line(path, offset).name === line) return offset;
  }
  throw new WatchpostError('WP2343', { detail: `no line of ${label} is named ${line}` });
}
