import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Place } from '#contract/event-data.ts';
import { DEVICE_ROLES, type DeviceRole } from '#contract/http.ts';

export interface PlaceOptions {
  readonly place: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly floor?: string;
  /** What the profile says, or a pillar, where nothing is said. */
  readonly role?: DeviceRole[];
}

/** Where a device stands and what it is, as the command line says it. */
export const addPlaceOptions = (command: Command): Command =>
  positionOptions(
    command.requiredOption('--place <words>', 'where it stands, as dispatchers read it', words),
  ).addOption(new Option('--role <role...>', 'what it is').choices(DEVICE_ROLES));

/** The same where profile or site file may say it. */
export const addOptionalPlace = (command: Command): Command =>
  positionOptions(
    command.option('--place <words>', 'where it stands (else as profile and site file say)', words),
  );

function positionOptions(command: Command): Command {
  return command
    .option('--latitude <degrees>', 'north is positive', (text) => degrees(text, 90))
    .option('--longitude <degrees>', 'east is positive', (text) => degrees(text, 180))
    .option('--floor <name>', 'of a building', (text) => text.slice(0, 20));
}

export const placeOf = ({ place, latitude, longitude, floor }: Omit<PlaceOptions, 'role'>): Place => ({
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
