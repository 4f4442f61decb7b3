import t from 'tap';
import { GpioInputConfig } from '#agent/drivers/gpio/config.ts';
import { linesTwice } from '#agent/profile/line-problems.ts';

const line = { driver: 'gpio', chip: 'soc', line: 4 };

t.test('a line needs its chip and its number, and has a debounce of 10 ms', async (t) => {
  t.strictSame(GpioInputConfig.parse(line), {
    ...line,
    activeLow: false,
    debounceMs: 10,
    fallback: 'none',
  });
  t.equal(GpioInputConfig.safeParse({ driver: 'gpio', chip: 'soc' }).success, false);
  t.equal(GpioInputConfig.safeParse({ ...line, bias: 'sideways' }).success, false);
});

t.test('what sysfs cannot do is refused together with it', async (t) => {
  const paths = (rest: object) =>
    GpioInputConfig.safeParse({ ...line, fallback: 'sysfs', ...rest }).error?.issues.map(({ path }) => path);
  t.equal(paths({}), undefined);
  t.strictSame(paths({ bias: 'up' }), [['fallback']]);
  t.strictSame(paths({ line: 'GPIO17' }), [['fallback']]);
});

t.test('a line that two parts name is told at the second', async (t) => {
  const uses = [
    { path: 'inputs[0].with', config: line },
    { path: 'inputs[1].with', config: { ...line, line: 5 } },
    { path: 'inputs[2].with', config: { driver: 'sim' } },
    { path: 'inputs[3].with', config: { driver: 'sim' } },
    { path: 'lamp', config: line },
  ];
  t.match(linesTwice(uses), [
    { code: 'WP4015', path: 'lamp.line', message: 'is line 4 of soc, which inputs[0].with has' },
  ]);
  t.equal(linesTwice(uses.slice(0, 4)).length, 0);
});
