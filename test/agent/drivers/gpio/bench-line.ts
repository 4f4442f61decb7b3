import { join } from 'node:path';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { openCharacterLine } from '#agent/drivers/gpio/character-line.ts';
import type { GpioInputConfig } from '#agent/drivers/gpio/config.ts';
import { GpioContact } from '#agent/drivers/gpio/contact.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeAddon } from './fake-addon.ts';

const CHIP = { name: 'gpiochip0', label: '9030000.pl061', lines: 8 };

/** A contact on line 4 of a chip that exists in memory alone, with its own time. */
export function benchLine(folder: string, wanted: Partial<GpioInputConfig> = {}) {
  const time = new ManualClock();
  const clock = new SystemDeviceClock({
    clock: time,
    bootId: 'boot-1',
    source: { wallMs: () => time.wallMs(), isSynced: () => true },
    sinceBootMs: () => time.monoMs(),
  });
  const addon = new FakeAddon(() => clock.sinceBootMs());
  const path = join(folder, CHIP.name);
  const config = { chip: CHIP.label, line: 4, activeLow: false, debounceMs: 0, ...wanted };
  /** What opening the line waits for. */
  const gate: { opened: Promise<void> } = { opened: Promise.resolve() };
  const contact = new GpioContact({
    name: 'call',
    kind: 'button',
    clock,
    open: async (listener) => {
      await gate.opened;
      return openCharacterLine(addon, config, listener, folder);
    },
  });
  const plug = () => addon.plug(folder, CHIP);
  plug();
  return { time, clock, addon, contact, path, plug, gate, folder, chip: CHIP.label };
}
