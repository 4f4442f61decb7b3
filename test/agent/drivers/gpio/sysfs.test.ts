import t from 'tap';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { GpioContact } from '#agent/drivers/gpio/contact.ts';
import { sysfsNumber } from '#agent/drivers/gpio/sysfs.ts';
import { openSysfsLine } from '#agent/drivers/gpio/sysfs-line.ts';
import { contactConformance } from '#test/conformance/driver/contact.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const chip = (base: number, label: string, ngpio: number) => ({
  base: `${base}\n`,
  label: `${label}\n`,
  ngpio: `${ngpio}\n`,
});
const TREE = {
  export: '',
  gpiochip504: chip(504, '9030000.pl061', 8),
  gpiochip571: chip(571, 'pinctrl-rp1', 54),
  gpiochip625: chip(625, 'pca9535', 16),
  gpiochip641: chip(641, 'pca9535', 16),
};

t.test('the number of a line is its number on the chip beyond the base of that chip', async (t) => {
  const folder = t.testdir(TREE);
  t.equal(sysfsNumber('9030000.pl061', 4, folder), 508);
  t.equal(sysfsNumber('pinctrl-rp1', 17, folder), 588);
});

t.test('a chip or a line that sysfs does not have is told', async (t) => {
  const folder = t.testdir(TREE);
  t.throws(() => sysfsNumber('pinctrl', 4, folder), {
    code: 'WP2341',
    detail: /9030000\.pl061, pinctrl-rp1/,
  });
  t.throws(() => sysfsNumber('pca9535', 4, folder), { code: 'WP2342', detail: /gpiochip625, gpiochip641/ });
  t.throws(() => sysfsNumber('9030000.pl061', 8, folder), { code: 'WP2343', detail: /0 to 7/ });
  t.throws(() => sysfsNumber('pinctrl', 4, `${folder}/nowhere`), { code: 'WP2348' });
});

type Callback = (error: Error | null, value: 0 | 1) => void;

/** The lines of onoff that are held, by number. */
class FakeOnoff {
  static readonly held = new Map<number, FakeOnoff>();
  static readonly levels = new Map<number, 0 | 1>();
  readonly #number: number;
  readonly options: { activeLow: boolean; debounceTimeout?: number };
  callback: Callback = () => undefined;

  constructor(number: number, _direction: 'in', _edge: 'both', options: { activeLow: boolean }) {
    if (FakeOnoff.held.has(number)) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
    this.#number = number;
    this.options = options;
    FakeOnoff.held.set(number, this);
  }

  readSync(): 0 | 1 {
    return FakeOnoff.levels.get(this.#number) ?? 0;
  }

  watch(callback: Callback): void {
    this.callback = callback;
  }

  unwatchAll(): void {
    this.callback = () => undefined;
  }

  unexport(): void {
    FakeOnoff.held.delete(this.#number);
  }
}

function sysfsContact(folder: string) {
  const time = new ManualClock();
  const clock = new SystemDeviceClock({
    clock: time,
    bootId: 'boot-1',
    source: { wallMs: () => time.wallMs(), isSynced: () => true },
    sinceBootMs: () => time.monoMs(),
  });
  const wanted = { chip: '9030000.pl061', line: 4, activeLow: false, debounceMs: 10 };
  const contact = new GpioContact({
    name: 'call',
    kind: 'button',
    clock,
    open: async (listener) => openSysfsLine({ Gpio: FakeOnoff, clock, folder }, wanted, listener),
  });
  return { contact, clock, time };
}

contactConformance('gpio through sysfs', async () => {
  const { contact, clock, time } = sysfsContact(t.testdir(TREE));
  FakeOnoff.levels.clear();
  return {
    contact,
    move: async (active) => {
      await time.advance(1);
      FakeOnoff.levels.set(508, active ? 1 : 0);
      FakeOnoff.held.get(508)?.callback(null, active ? 1 : 0);
    },
    sinceBootMs: () => clock.sinceBootMs(),
    dispose: async () => {
      t.equal(FakeOnoff.held.size, 0, 'no line is left exported');
    },
  };
});

t.test('the fallback asks for the debounce of the profile, and tells a loss', async (t) => {
  const { contact } = sysfsContact(t.testdir(TREE));
  const lost: string[] = [];
  await contact.start({
    edge: () => undefined,
    lost: ({ code }) => lost.push(code),
    back: () => undefined,
  });
  t.strictSame(FakeOnoff.held.get(508)?.options, { activeLow: false, debounceTimeout: 10 });
  FakeOnoff.held.get(508)?.callback(Object.assign(new Error('gone'), { code: 'ENODEV' }), 0);
  t.strictSame(lost, ['WP2347']);
  t.equal(FakeOnoff.held.size, 0);
  await contact.close();
});
