import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { RobotOrder } from '#agent/drivers/sim/robot-orders.ts';

const STATES = {
  contact: ['pressed', 'released'],
  wheel: ['stuck', 'free'],
  localisation: ['lost', 'found'],
  door: ['open', 'closed', 'turns'],
  sight: ['blind', 'clear'],
  base: ['silent', 'answers'],
} as const;

/** `watchpost sim --data DIR robot …`: what happens to the simulated robot (docs/robot-safety.md). */
export function addRobot(sim: Command, send: (order: RobotOrder) => Promise<void>): void {
  const robot = sim.command('robot').description('what happens to a robot: contacts, wheels, battery, hall');
  addContacts(robot, send);
  addSensors(robot, send);
  addHall(robot, send);
}

type Send = (order: RobotOrder) => Promise<void>;

const stateOf = <T extends string>(states: readonly T[]) => new Argument('<state>').choices(states);

function addContacts(robot: Command, send: Send): void {
  const contacts = [
    ['emergency-stop', 'press or release its emergency stop'],
    ['bumper', 'press or release its bumper'],
    ['lifted', 'lift it off its wheels, or set it down'],
  ] as const;
  for (const [name, about] of contacts) {
    robot
      .command(name)
      .addArgument(stateOf(STATES.contact))
      .description(about)
      .action((state: 'pressed' | 'released') => send({ do: name, state }));
  }
  robot
    .command('wheel')
    .addArgument(new Argument('<wheel>').choices(['left', 'right']))
    .addArgument(stateOf(STATES.wheel))
    .description('block a wheel, or free it')
    .action((wheel: 'left' | 'right', state: 'stuck' | 'free') => send({ do: 'wheel', wheel, state }));
}

function addSensors(robot: Command, send: Send): void {
  robot
    .command('tilt')
    .argument('<degrees>', 'from the upright', number)
    .description('tilt it')
    .action((degrees: number) => send({ do: 'tilt', degrees }));
  robot
    .command('battery')
    .argument('<percent>', '0 to 100', number)
    .description('set its charge')
    .action((percent: number) => send({ do: 'battery', charge: percent / 100 }));
  for (const name of ['localisation', 'sight', 'base'] as const) {
    robot
      .command(name)
      .addArgument(stateOf(STATES[name]))
      .description('take this from it, or give it back')
      .action((state) => send({ do: name, state }));
  }
}

function addHall(robot: Command, send: Send): void {
  robot
    .command('push')
    .argument('<dx>', 'metres', number)
    .argument('<dy>', 'metres', number)
    .argument('[dtheta]', 'radians', number, 0)
    .description('move it by hand')
    .action((x: number, y: number, theta: number) => send({ do: 'push', x, y, theta }));
  robot
    .command('door')
    .argument('<name>', 'a door of its hall')
    .addArgument(stateOf(STATES.door))
    .description('open or close a door, or let it go by turns')
    .action((name: string, state: 'open' | 'closed' | 'turns') => send({ do: 'door', name, state }));
  robot
    .command('obstacle')
    .argument('<x>', 'metres on the map', number)
    .argument('<y>', 'metres', number)
    .argument('<radius>', 'metres', number)
    .description('put something round there')
    .action((x: number, y: number, radiusM: number) => send({ do: 'obstacle', x, y, radiusM }));
  robot
    .command('clear')
    .description('take away all that was put there')
    .action(() => send({ do: 'clear' }));
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('use a number');
}
