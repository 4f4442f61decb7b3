import { basename, dirname, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { simulated } from '../simulated.ts';
import type { Answers } from './answers.ts';
import { type Model, SOURCE_SCHEMA } from './models.ts';
import { type Spot, spotsOf } from './spots.ts';

type Keys = Readonly<Record<string, unknown>>;

/** The text of a profile that differs from its model by the answers, to be written to `file`. */
export function composeProfile(answers: Answers, model: Model, file: string): string {
  const { profile, id } = model;
  const head = [
    `# yaml-language-server: $schema=${pathFrom(file, SOURCE_SCHEMA)}`,
    `# Like ${id}: what is not said here is as there. \`scripts/watchpost profile explain ${basename(file)}\` shows all of it.`,
  ];
  const own = { ...plain(answers, profile), ...wired(answers, profile) };
  const source = { extends: pathFrom(file, model.file), ...own };
  const sections = Object.entries(source).map(([key, value]) => section(key, value));
  return `${[...head, ...sections].join('\n')}\n`;
}

function pathFrom(file: string, target: string): string {
  const path = relative(dirname(file), target);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Long lists have a line an entry. */
function section(key: string, value: unknown): string {
  const flow = { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true } as const;
  const line = (item: unknown): string => stringify(item, flow).trim();
  const isList = Array.isArray(value) && value.length > 0 && typeof value[0] === 'object';
  if (isList) return [`${key}:`, ...value.map((item) => `  - ${line(item)}`)].join('\n');
  return typeof value === 'object'
    ? `${key}: ${line(value)}`
    : stringify({ [key]: value }, { lineWidth: 0 }).trim();
}

/** What was answered otherwise than the model has it. */
function plain(answers: Answers, { languages, supervisionS, camera, retention }: DeviceProfile): Keys {
  const { name, description, dwellS, evidenceDays } = answers;
  const changed = <T>(key: string, value: T | undefined, was: T): Keys =>
    value === undefined || isDeepStrictEqual(value, was) ? {} : { [key]: value };
  return {
    name,
    description,
    ...changed('languages', answers.languages, languages),
    ...changed('supervisionS', answers.supervisionS, supervisionS),
    ...(camera === undefined || dwellS === undefined || dwellS === camera.dwellS
      ? {}
      : { camera: { dwellS } }),
    ...(evidenceDays === undefined || evidenceDays === retention.evidenceDays
      ? {}
      : { retention: { evidenceDays } }),
  };
}

/** Inputs, lamp and siren where they are wired otherwise. */
function wired({ wiring = 'model', ...answers }: Answers, profile: DeviceProfile): Keys {
  if (wiring === 'model') return {};
  if (wiring === 'simulated') return differences(profile, simulated(profile));
  const board = profile.boards[0]?.name ?? 'post';
  const choices = new Map(
    spotsOf(profile).map((spot) => [spot.name, choiceOf(spot, { ...answers, wiring, board })]),
  );
  const lamp = choices.get('lamp');
  const siren = choices.get('siren');
  const rewired = {
    ...profile,
    boards: wiring === 'gpio' ? profile.boards : boardsWith(board, answers, profile),
    inputs: profile.inputs.map((input) => ({ ...input, with: choices.get(input.name) ?? input.with })),
    ...(lamp === undefined ? {} : { lamp }),
    ...(siren === undefined ? {} : { siren }),
  };
  return differences(profile, rewired);
}

/** What a contact, lamp or siren hangs on by the answers. */
function choiceOf(
  { name, kind, choice }: Spot,
  {
    wiring,
    chip,
    board,
    at = {},
  }: Omit<Answers, 'board' | 'wiring'> & { board: string; wiring: 'gpio' | 'firmata' },
): DeviceProfile['lamp'] {
  const spot = at[name];
  if (spot === undefined) return choice;
  const place = wiring === 'gpio' ? { chip, line: spot } : { board, pin: spot };
  // Already wired so: all but the place is as it was meant.
  if (choice.driver === wiring) return { ...choice, ...place };
  const isOutput = kind === 'lamp' || kind === 'siren';
  // A case is closed while it is shut: opening it, or cutting its wire, is the alarm. Everything else closes when worked.
  const contact = {
    activeLow: kind !== 'tamper',
    ...(wiring === 'gpio' ? { bias: 'up' } : {}),
    ...debounceOf(choice),
  };
  return { driver: wiring, ...place, ...(isOutput ? {} : contact) };
}

/** What rattles, rattles on whatever board. */
function debounceOf({ debounceMs }: DeviceProfile['lamp']): Keys {
  return typeof debounceMs === 'number' ? { debounceMs } : {};
}

function boardsWith(
  name: string,
  { port, board: model }: Answers,
  { boards }: DeviceProfile,
): DeviceProfile['boards'] {
  const others = boards.filter((board) => board.name !== name);
  return [{ name, with: { driver: 'firmata', port, model } }, ...others];
}

/** What a profile has to say to be `is` over `was`. A mapping is merged, so that keys which are gone are taken away. */
function differences(was: DeviceProfile, is: DeviceProfile): Keys {
  const { boards, inputs, sensors, actuators, lamp, siren, base, camera } = is;
  const lists = Object.entries({ boards, inputs, sensors, actuators }).filter(
    ([key, list]) => !isDeepStrictEqual(list, Object(was)[key]),
  );
  const parts = Object.entries({ lamp, siren, base }).filter(
    ([key, part]) => part !== undefined && !isDeepStrictEqual(part, Object(was)[key]),
  );
  return {
    ...Object.fromEntries(lists),
    ...Object.fromEntries(parts.map(([key, part]) => [key, over(Object(was)[key], Object(part))])),
    ...(camera === undefined || isDeepStrictEqual(camera.with, was.camera?.with)
      ? {}
      : { camera: { with: over(Object(was.camera?.with), camera.with) } }),
  };
}

function over(was: Keys, is: Keys): Keys {
  const gone = Object.keys(was).filter((key) => !Object.hasOwn(is, key));
  return { ...is, ...Object.fromEntries(gone.map((key) => [key, null])) };
}
