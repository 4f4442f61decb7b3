import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';

export const SYSFS_FOLDER = '/sys/class/gpio';

interface SysfsChip {
  readonly base: number;
  readonly label: string;
  readonly lines: number;
}

/**
 * The number by which sysfs calls a line. Its chips count from a base that changes with kernel and board (0, 504, 512,
 * 571 were seen), so that it is looked up by the chip's label each time.
 * @param folder `gpiochip{base}` folders with the files `base`, `label` and `ngpio`, as in /sys/class/gpio
 * @throws WatchpostError WP2341 no such chip, WP2342 several, WP2343 no such line, WP2348 no sysfs
 */
export function sysfsNumber(chip: string, line: number, folder = SYSFS_FOLDER): number {
  const chips = chipsIn(folder);
  const fitting = chips.filter(({ label }) => label === chip);
  const [found, another] = fitting;
  if (found === undefined) {
    const there = chips.length === 0 ? 'no chips' : chips.map(({ label }) => label).join(', ');
    throw new WatchpostError('WP2341', { detail: `${chip}; in ${folder}: ${there}` });
  }
  if (another !== undefined) {
    throw new WatchpostError('WP2342', {
      detail: `${chip}: ${fitting.map(({ base }) => `gpiochip${base}`).join(', ')}`,
    });
  }
  if (line < found.lines) return found.base + line;
  throw new WatchpostError('WP2343', {
    detail: `line ${line} of ${chip}, which has 0 to ${found.lines - 1}`,
  });
}

function chipsIn(folder: string): SysfsChip[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map((name) => chipOf(join(folder, name)));
  } catch (cause) {
    throw new WatchpostError('WP2348', { detail: folder, cause });
  }
}

function chipOf(folder: string): SysfsChip {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  return { base: Number(read('base')), label: read('label'), lines: Number(read('ngpio')) };
}
