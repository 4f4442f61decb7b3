import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverChoice, DriverMakers, PartHealth } from '../../ports/makers.ts';
import { RhythmLamp } from '../../ports/rhythm-lamp.ts';
import { GpioContact } from './contact.ts';
import { GpioOutput } from './output.ts';
import { GpioSiren } from './siren.ts';

interface Parts {
  readonly clock: DeviceClock;
  readonly onHealth: (part: string, health: PartHealth) => void;
}

/** Contacts, lamps and sirens on the lines of GPIO chips. */
export function gpioMakers({ clock, onHealth }: Parts): DriverMakers {
  const output = (name: string, choice: DriverChoice) =>
    new GpioOutput({
      name,
      clock,
      onHealth,
      open: async () => (await import('./open-output.ts')).openOutput(choice),
    });
  return {
    input: ({ name, kind, with: choice }) =>
      new GpioContact({
        name,
        kind,
        clock,
        open: async (listener) => (await import('./open-input.ts')).openInput(choice, clock, listener),
      }),
    lamp: (choice) => new RhythmLamp({ output: output('lamp', choice), clock }),
    siren: (choice) => new GpioSiren({ output: output('siren', choice) }),
  };
}
