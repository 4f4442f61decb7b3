import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { DriverUse } from './driver-uses.ts';
import type { ZoneProblem } from './zone-problems.ts';

interface PinUse {
  readonly role: DriverUse['role'];
  readonly path: string;
  readonly board: string;
  readonly pin: string;
  readonly mode: unknown;
}

/** Pins dimmed by the timer that the Servo library takes: Timer 1, on a Mega Timer 5 (Servo.h; pins_arduino.h). */
const DIMMED_BY_SERVO_TIMER: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['uno', ['9', '10']],
  ['nano', ['9', '10']],
  ['mega', ['44', '45', '46']],
]);
const ANY_BOARD = [...DIMMED_BY_SERVO_TIMER.values()].flat();

/**
 * What is wrong with how the parts of a profile share its boards: WP4010 (no such board), WP4011 (a pin twice), WP4012
 * (no analog pin), WP4031 (a lamp on a pin whose timer a servo takes).
 */
export function boardProblems(boards: DeviceProfile['boards'], parts: readonly DriverUse[]): ZoneProblem[] {
  const uses = parts.flatMap(pinUse);
  const names = boards.map(({ name }) => name);
  return uses.flatMap((use, i) => [
    ...unknownBoard(use, names),
    ...usedTwice(use, uses.slice(0, i)),
    ...notAnalog(use),
    ...timerTaken(use, uses, boards),
  ]);
}

function pinUse({ role, path, config: { driver, board, pin, mode } }: DriverUse): PinUse[] {
  const isOnPin = driver === 'firmata' && typeof board === 'string';
  return isOnPin ? [{ role, path, board, pin: String(pin), mode }] : [];
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

function timerTaken(
  { role, path, board, pin }: PinUse,
  uses: readonly PinUse[],
  boards: DeviceProfile['boards'],
): ZoneProblem[] {
  const model = boards.find(({ name }) => name === board)?.with.model;
  if (role !== 'lamp' || !(DIMMED_BY_SERVO_TIMER.get(model) ?? ANY_BOARD).includes(pin)) return [];
  const servo = uses.find((other) => other.role === 'actuator' && other.board === board);
  if (servo === undefined) return [];
  const message = `pin ${pin} cannot be dimmed while the servo of ${servo.path} is on the same board`;
  const hint = 'put the lamp on another pin with PWM, or the servo on another board';
  return [{ code: 'WP4031', path: `${path}.pin`, message, hint }];
}
