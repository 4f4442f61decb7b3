import { join } from 'node:path';
import { CONSUMER } from '#agent/drivers/gpio/character-line.ts';
import { findLine, type LineName } from '#agent/drivers/gpio/chips.ts';
import { lineError } from '#agent/drivers/gpio/line-errors.ts';
import { type DriverUse, driverUses } from '#agent/profile/driver-uses.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Addon } from '#contract/native-addon.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, failedBy, ok } from '../finding.ts';
import type { Machine } from '../machine.ts';

/** Each GPIO line of the profile is looked for as the driver does, by the label of its chip; none is taken. */
export const linesCheck: Check = {
  name: 'gpio',
  examine: ({ machine, profile }) => {
    if (profile === null) return [];
    const lines = driverUses(profile).filter(({ config }) => config.driver === 'gpio');
    if (lines.length === 0) return [];
    try {
      const addon = machine.addon();
      return lines.map((use) => lineFinding(machine, addon, use));
    } catch (cause) {
      return [failedBy('gpio', cause, 'WP2340')];
    }
  },
};

function lineFinding(machine: Machine, addon: Addon, { path, config }: DriverUse): Finding {
  const what = `gpio ${path.replace(/\.with$/, '')}`;
  const name: LineName = { chip: String(config.chip), line: lineOf(config.line) };
  try {
    const place = findLine(addon, name, join(machine.root, 'dev'));
    const { used, consumer } = addon.line(place.path, place.offset);
    const shown = `line ${place.offset} of ${name.chip}`;
    if (used && !consumer.startsWith(CONSUMER))
      return failed(what, { code: 'WP2344', detail: `${shown}, held by ${consumer || 'a kernel driver'}` });
    return ok(what, used ? `${shown}, held by the agent` : `${shown}, free`);
  } catch (cause) {
    return mended(what, lineError(cause, name.chip));
  }
}

const lineOf = (line: unknown): number | string => (typeof line === 'number' ? line : String(line));

/** Where a label or a number is wrong, what is right is seen by these commands. */
const COMMANDS: Readonly<Record<string, string>> = {
  WP2341: 'correct the label in the profile: `gpiodetect` lists those of this board',
  WP2342: 'correct the label in the profile: `gpiodetect` lists those of this board',
  WP2343: 'correct the line in the profile: `gpioinfo` lists the lines of each chip',
  WP2346: 'sudo usermod -aG gpio watchpost && sudo systemctl restart watchpost-agent',
};

function mended(what: string, error: WatchpostError): Finding {
  const remedy = COMMANDS[error.code];
  return failedBy(
    what,
    remedy === undefined ? error : new WatchpostError(error.code, { ...details(error), hint: remedy }),
  );
}

const details = ({ detail }: WatchpostError): { detail?: string } => (detail === undefined ? {} : { detail });
