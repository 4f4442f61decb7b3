import { firmataMakers } from '#agent/drivers/firmata/makers.ts';
import type { DeviceClock } from '#agent/ports/clock.ts';
import type { ContactEdge, ContactInput } from '#agent/ports/inputs.ts';
import type { DriverMakers, PartHealth } from '#agent/ports/makers.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import type { Cancel } from '#contract/clock.ts';
import type { WatchpostError } from '#contract/errors.ts';
import { ManualDeviceClock, silentLog } from '#test/agent/behaviours/fakes.ts';
import type { TestBoard } from '../board/board.ts';

type Told =
  | { readonly kind: 'edge'; readonly edge: ContactEdge }
  | { readonly kind: 'lost'; readonly error: WatchpostError }
  | { readonly kind: 'back'; readonly active: boolean };

/** A clock that moves only when told, and says when somebody has begun to wait. */
export class WatchedClock extends ManualDeviceClock {
  #waiting: { readonly delayMs: number; readonly resolve: () => void }[] = [];

  override after(delayMs: number, callback: () => void): Cancel {
    const cancel = super.after(delayMs, callback);
    for (const one of this.#waiting.filter((other) => other.delayMs === delayMs)) one.resolve();
    this.#waiting = this.#waiting.filter((one) => one.delayMs !== delayMs);
    return cancel;
  }

  /** Resolves when somebody next waits for just so long. */
  asked(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ delayMs, resolve });
    });
  }
}

export interface Rig {
  readonly makers: Required<Pick<DriverMakers, 'input' | 'sensor' | 'lamp' | 'siren' | 'actuator'>>;
  /** Health of the boards in the order it was told. */
  readonly health: { readonly part: string; readonly health: PartHealth }[];
  /** Resolves when a board's health is told that fits, now or later. */
  healthy(part: string, state: PartHealth['state']): Promise<PartHealth>;
}

/** Makers of parts on the boards at these ports. */
export function rigOf(ports: Readonly<Record<string, string>>, clock: DeviceClock): Rig {
  const health: Rig['health'] = [];
  const waiting = new Set<() => void>();
  const made = firmataMakers({
    boards: Object.entries(ports).map(([name, port]) => ({ name, with: { driver: 'firmata', port } })),
    clock,
    log: silentLog,
    onHealth: (part, found) => {
      health.push({ part, health: found });
      for (const look of waiting) look();
    },
  });
  const { input, sensor, lamp, siren, actuator } = made;
  if (!input || !sensor || !lamp || !siren || !actuator) {
    throw new TypeError('the driver makes inputs, sensors, lamps, sirens and actuators');
  }
  return {
    makers: { input, sensor, lamp, siren, actuator },
    health,
    healthy: (part, state) =>
      new Promise((resolve) => {
        const look = () => {
          const found = health.findLast((one) => one.part === part);
          if (found?.health.state !== state) return;
          waiting.delete(look);
          resolve(found.health);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** An input with everything it tells, in order. */
export class Heard {
  readonly contact: ContactInput;
  readonly told: Told[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(contact: ContactInput) {
    this.contact = contact;
  }

  start(): ReturnType<ContactInput['start']> {
    return this.contact.start({
      edge: (edge) => this.#take({ kind: 'edge', edge }),
      lost: (error) => this.#take({ kind: 'lost', error }),
      back: (active) => this.#take({ kind: 'back', active }),
    });
  }

  /** Resolves when so many things were told. */
  count(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#look();
    });
  }

  /** In short: `pressed`, `released`, `lost WP2323`, `back pressed`. */
  get short(): string[] {
    return this.told.map((one) => {
      if (one.kind === 'lost') return `lost ${one.error.code}`;
      if (one.kind === 'back') return one.active ? 'back pressed' : 'back released';
      return one.edge.active ? 'pressed' : 'released';
    });
  }

  #take(one: Told): void {
    this.told.push(one);
    this.#look();
  }

  #look(): void {
    const done = this.#waiting.filter(({ count }) => this.told.length >= count);
    this.#waiting = this.#waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
  }
}

type InputEntry = DeviceProfile['inputs'][number];

/** Without a debounce, which has tests of its own: edges come as the board tells them. */
export const button = (board: string, pin: number | string, more: object = {}): InputEntry =>
  DeviceProfile.shape.inputs.parse([
    {
      name: `button-${pin}`,
      kind: 'button',
      with: { driver: 'firmata', board, pin, debounceMs: 0, ...more },
    },
  ])[0] ?? raise();

export const sensor = (board: string, pin: number | string, more: object): DeviceProfile['sensors'][number] =>
  DeviceProfile.shape.sensors.parse([
    {
      ...{ name: 'level', unit: 'V', periodS: 1, deadband: 0, atLeastEveryS: 60 },
      with: { driver: 'firmata', board, pin, ...more },
    },
  ])[0] ?? raise();

function raise(): never {
  throw new TypeError('an entry was parsed');
}

export const portsOf = (boards: Readonly<Record<string, TestBoard>>): Record<string, string> =>
  Object.fromEntries(Object.entries(boards).map(([name, { port }]) => [name, port]));
