import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { GpioContact } from './contact.ts';

/** Contacts on the lines of GPIO chips. */
export const gpioMakers = (clock: DeviceClock): DriverMakers => ({
  input: ({ name, kind, with: choice }) =>
    new GpioContact({
      name,
      kind,
      clock,
      open: async (listener) => (await import('./open-input.ts')).openInput(choice, clock, listener),
    }),
});
