import * as z from 'zod';
import { BOARD_MODELS, type BoardModel } from '#agent/drivers/firmata/config.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { builtOver, type DriverUse, driverUses } from '#agent/profile/driver-uses.ts';
import { BOARD_PINS, GPIO_CHIPS, headerLine } from '../known-pins.ts';
import type { Finding, Rule } from './rule.ts';

const PinUse = z.looseObject({
  driver: z.literal('firmata'),
  board: z.string(),
  pin: z.union([z.int(), z.string().regex(/^A\d+$/)]),
  mode: z.string().optional(),
});
const LineUse = z.looseObject({
  driver: z.literal('gpio'),
  chip: z.string(),
  line: z.union([z.int(), z.string()]),
});
const Model = z.looseObject({ model: z.enum(BOARD_MODELS) });

interface OnPin {
  readonly role: DriverUse['role'];
  readonly path: string;
  readonly board: string;
  readonly model: BoardModel;
  readonly pin: number | string;
  readonly mode: string | undefined;
}

const allUses = (profile: DeviceProfile): DriverUse[] => {
  const uses = driverUses(profile);
  return [...uses, ...uses.flatMap(builtOver)];
};

/** The parts that are on a pin of a board whose model is known. */
function onPins(profile: DeviceProfile): OnPin[] {
  return allUses(profile).flatMap(({ role, path, config }) => {
    const use = PinUse.safeParse(config).data;
    const board = profile.boards.find(({ name }) => name === use?.board);
    const model = Model.safeParse(board?.with).data?.model;
    if (use === undefined || model === undefined) return [];
    return [{ role, path, model, board: use.board, pin: use.pin, mode: use.mode }];
  });
}

/** The number of a pin; null where the board has none of that name. */
function numberOf({ model, pin, mode }: Pick<OnPin, 'model' | 'pin' | 'mode'>): number | null {
  const { firstAnalog, analog, analogOnly, lastDigital } = BOARD_PINS[model];
  if (typeof pin === 'number') return pin <= lastDigital ? pin : null;
  const channel = Number(pin.slice(1));
  if (channel >= analog || (mode !== 'analog' && analogOnly.includes(channel))) return null;
  return firstAnalog + channel;
}

function unknownPins(profile: DeviceProfile): Finding[] {
  return onPins(profile).flatMap((use) => {
    if (numberOf(use) !== null) return [];
    const { firstAnalog, analog, analogOnly } = BOARD_PINS[use.model];
    const message = `is ${use.pin}, which ${use.board} (${use.model}) does not have for that`;
    const reading = analogOnly.length === 0 ? '' : `; A${analogOnly.join(' and A')} read voltages only`;
    const hint = `it has 2 to ${firstAnalog - 1} and A0 to A${analog - 1}${reading}`;
    return [{ path: `${use.path}.pin`, message, hint }];
  });
}

function lines(profile: DeviceProfile): { path: string; chip: string; line: number | string }[] {
  return allUses(profile).flatMap(({ path, config }) => {
    const use = LineUse.safeParse(config).data;
    return use === undefined ? [] : [{ path, chip: use.chip, line: use.line }];
  });
}

function unknownLines(profile: DeviceProfile): Finding[] {
  return lines(profile).flatMap(({ path, chip, line }) => {
    const known = Object.hasOwn(GPIO_CHIPS, chip) ? GPIO_CHIPS[chip] : undefined;
    if (known === undefined || typeof line === 'string' || line < known.lines) return [];
    const message = `is ${line}, and ${chip} (${known.of}) has ${known.lines} lines`;
    const hint = `name one of 0 to ${known.lines - 1}; those of the 40-pin header are 2 to 27`;
    return [{ path: `${path}.line`, message, hint }];
  });
}

/** By each place that a part is wired to: those that are there under another name of it. */
function twoNames(profile: DeviceProfile): Finding[] {
  const pins = onPins(profile).map((use) => ({
    path: `${use.path}.pin`,
    name: String(use.pin),
    place: `${use.board} ${numberOf(use) ?? use.pin}`,
  }));
  const wires = lines(profile).map(({ path, chip, line }) => ({
    path: `${path}.line`,
    name: String(line),
    place: `${chip} ${Object.hasOwn(GPIO_CHIPS, chip) ? (headerLine(String(line)) ?? line) : line}`,
  }));
  const all = [...pins, ...wires];
  return all.flatMap(({ path, name, place }, at) => {
    const first = all.slice(0, at).find((other) => other.place === place && other.name !== name);
    if (first === undefined) return [];
    const message = `is ${name}, which is the ${first.name} that ${first.path} names`;
    return [{ path, message, hint: 'give each part a pin of its own' }];
  });
}

function numberedChips(profile: DeviceProfile): Finding[] {
  return lines(profile)
    .filter(({ chip }) => /^gpiochip\d+$/.test(chip))
    .map(({ path, chip }) => ({
      path: `${path}.chip`,
      message: `is ${chip}: which chip that is changes with kernel and model`,
      hint: 'write the label that gpiodetect shows in brackets, such as pinctrl-bcm2711',
    }));
}

function undimmable(profile: DeviceProfile): Finding[] {
  return onPins(profile).flatMap((use) => {
    const { pwm } = BOARD_PINS[use.model];
    const number = numberOf(use);
    if (use.role !== 'lamp' || number === null || pwm.includes(number)) return [];
    const message = `is ${use.pin}, which cannot be dimmed: the lamp is dark when idle`;
    return [{ path: `${use.path}.pin`, message, hint: `pins with PWM are ${pwm.join(', ')}` }];
  });
}

export const PIN_RULES: readonly Rule[] = [
  {
    code: 'WP4040',
    severity: 'error',
    finds:
      'unknown pin: a pin that the board does not have (its `model` is named), a line that the GPIO chip does not have',
    checks: [
      { needs: ['boards'], find: ({ profile }) => [...unknownPins(profile), ...unknownLines(profile)] },
    ],
  },
  {
    code: 'WP4041',
    severity: 'error',
    finds:
      'two users of a pin or line under two names of it: `A0` and 14 of an Uno, `GPIO17` and 17 of a Raspberry Pi',
    checks: [{ needs: ['boards'], find: ({ profile }) => twoNames(profile) }],
  },
  {
    code: 'WP4042',
    severity: 'warning',
    finds: 'a GPIO chip named by its number (`gpiochip0`)',
    checks: [{ find: ({ profile }) => numberedChips(profile) }],
  },
  {
    code: 'WP4058',
    severity: 'warning',
    finds: 'a lamp on a pin without PWM of a board whose `model` is named',
    checks: [{ needs: ['boards'], find: ({ profile }) => undimmable(profile) }],
  },
];
