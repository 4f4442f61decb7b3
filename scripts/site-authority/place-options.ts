import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Place } from '#contract/event-data.ts';
import { DEVICE_ROLES, type DeviceRole } from '#contract/http.ts';

export interface PlaceOptions {
  readonly place: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly floor?: string;
  readonly role: DeviceRole[];
}

/** Where a device stands and what it is, as the command line says it. */
export function addPlaceOptions(command: Command): Command {
  return command
    .requiredOption('--place <words>', 'where it stands, as dispatchers read it', words)
    .option('--latitude <degrees>', 'north is positive', (text) => degrees(text, 90))
    .option('--longitude <degrees>', 'east is positive', (text) => degrees(text, 180))
    .option('--floor <name>', 'of a building', (text) => text.slice(0, 20))
    .addOption(new Option('--role <role...>', 'what it is').choices(DEVICE_ROLES).default(['pillar']));
}

export const placeOf = ({ place, latitude, longitude, floor }: PlaceOptions): Place => ({
  label: place,
  ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
  ...(floor === undefined ? {} : { floor }),
});

function words(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length >= 1 && trimmed.length <= 200) return trimmed;
  throw new InvalidArgumentError('Use 1 to 200 characters.');
}

function degrees(text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Math.abs(value) <= most) return value;
  throw new InvalidArgumentError(`Use degrees between -${most} and ${most}.`);
}
