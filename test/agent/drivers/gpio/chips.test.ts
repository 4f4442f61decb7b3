import { join } from 'node:path';
import t from 'tap';
import { findLine } from '#agent/drivers/gpio/chips.ts';
import { codeOf, lineError } from '#agent/drivers/gpio/line-errors.ts';
import { benchLine } from './bench-line.ts';
import { FakeAddon } from './fake-addon.ts';

t.test('a line is found by its chip’s label or name, and by its number or name', async (t) => {
  const folder = t.testdir();
  const addon = new FakeAddon(() => 0);
  addon.plug(folder, { name: 'gpiochip0', label: 'pinctrl-rp1', lines: 54 });
  addon.plug(folder, { name: 'gpiochip4', label: 'mcp23017', lines: 16 });
  const path = join(folder, 'gpiochip4');
  addon.nameLine(path, 3, 'DOOR');
  t.strictSame(findLine(addon, { chip: 'mcp23017', line: 15 }, folder), { path, offset: 15 });
  t.strictSame(findLine(addon, { chip: 'gpiochip4', line: 'DOOR' }, folder), { path, offset: 3 });
});

t.test('what is wrong with the name of a line is told with what there is', async (t) => {
  const folder = t.testdir();
  const addon = new FakeAddon(() => 0);
  addon.plug(folder, { name: 'gpiochip0', label: 'pca9535', lines: 16 });
  addon.plug(folder, { name: 'gpiochip1', label: 'pca9535', lines: 16 });
  addon.plug(folder, { name: 'gpiochip2', label: 'soc', lines: 8 });
  const find = (chip: string, line: number | string) => () => findLine(addon, { chip, line }, folder);
  t.throws(find('pinctrl', 1), {
    code: 'WP2341',
    detail: /pinctrl; here: .*pca9535 \(gpiochip1, 16 lines\), soc/,
  });
  t.throws(find('pca9535', 1), { code: 'WP2342', detail: 'pca9535: gpiochip0, gpiochip1' });
  t.throws(find('soc', 8), { code: 'WP2343', detail: 'line 8 of soc, which has 0 to 7' });
  t.throws(find('soc', 'DOOR'), { code: 'WP2343' });
  t.throws(() => findLine(addon, { chip: 'soc', line: 0 }, t.testdir()), {
    code: 'WP2341',
    detail: 'soc; here: no chips',
  });
});

t.test('a chip that leaves while chips are looked at is not there', async (t) => {
  const folder = t.testdir();
  const addon = new FakeAddon(() => 0);
  addon.plug(folder, { name: 'gpiochip0', label: 'usb', lines: 8 });
  addon.unplug(join(folder, 'gpiochip0'));
  t.throws(() => findLine(addon, { chip: 'usb', line: 0 }, folder), { code: 'WP2341' });
});

t.test('a line in use is told with who has it', async (t) => {
  const { contact, addon, path } = benchLine(t.testdir());
  addon.take(path, 4, 'sysfs');
  const listener = { edge: () => undefined, lost: () => undefined, back: () => undefined };
  await t.rejects(contact.start(listener), {
    code: 'WP2344',
    detail: 'line 4 of 9030000.pl061, held by sysfs: EBUSY',
  });
});

t.test('each answer of the kernel has its own code', async (t) => {
  const failure = (code: string) => Object.assign(new Error(code), { code });
  for (const [errno, code] of [
    ['EBUSY', 'WP2344'],
    ['EINVAL', 'WP2345'],
    ['EACCES', 'WP2346'],
    ['ENODEV', 'WP2347'],
    ['ENOTTY', 'WP2349'],
    ['EIO', 'WP2302'],
  ] as const) {
    t.equal(lineError(failure(errno), 'line').code, code);
  }
  t.equal(lineError('nothing', 'line').code, 'WP2302');
  t.equal(codeOf(new Error('without')), '');
});
