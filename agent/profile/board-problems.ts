import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { ZoneProblem } from './zone-problems.ts';

/** As much of a profile as matters to the pins of its boards. */
type Wired = Pick<DeviceProfile, 'boards' | 'inputs' | 'sensors' | 'lamp' | 'siren'>;

interface PinUse {
  readonly path: string;
  readonly board: string;
  readonly pin: string;
  readonly mode: unknown;
}

/** What is wrong with how the parts of a profile share its boards: WP4010 (no such board), WP4011 (a pin twice), WP4012. */
export function boardProblems(profile: Wired): ZoneProblem[] {
  const uses = pinUses(profile);
  const names = profile.boards.map(({ name }) => name);
  return uses.flatMap((use, i) => [
    ...unknownBoard(use, names),
    ...usedTwice(use, uses.slice(0, i)),
    ...notAnalog(use),
  ]);
}

function pinUses({ inputs, sensors, lamp, siren }: Wired): PinUse[] {
  const parts: [string, DeviceProfile['lamp']][] = [
    ...inputs.map((part, i): [string, DeviceProfile['lamp']] => [`inputs[${i}].with`, part.with]),
    ...sensors.map((part, i): [string, DeviceProfile['lamp']] => [`sensors[${i}].with`, part.with]),
    ['lamp', lamp],
  ];
  if (siren !== undefined) parts.push(['siren', siren]);
  return parts.flatMap(([path, { driver, board, pin, mode }]) =>
    driver === 'firmata' && typeof board === 'string' ? [{ path, board, pin: String(pin), mode }] : [],
  );
}

function unknownBoard({ path, board }: PinUse, names: readonly string[]): ZoneProblem[] {
  if (names.includes(board)) return [];
  const hint = names.length === 0 ? 'add it to boards' : `use one of: ${names.join(', ')}`;
  return [{ code: 'WP4010', path: `${path}.board`, message: `there is no board ${board}`, hint }];
}

function usedTwice({ path, board, pin }: PinUse, before: readonly PinUse[]): ZoneProblem[] {
  const first = before.find((other) => other.board === board && other.pin === pin);
  if (first === undefined) return [];
  const message = `pin ${pin} of ${board} is also the pin of ${first.path}`;
  return [{ code: 'WP4011', path: `${path}.pin`, message, hint: 'give each part a pin of its own' }];
}

function notAnalog({ path, pin, mode }: PinUse): ZoneProblem[] {
  if (mode !== 'analog' || pin.startsWith('A')) return [];
  const message = `pin ${pin} has no analog reading`;
  return [{ code: 'WP4012', path: `${path}.pin`, message, hint: 'use A0 to A15, or the mode digital' }];
}
