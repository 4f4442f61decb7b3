import t from 'tap';
import { isInRange, VersionRange } from '#contract/version-range.ts';

t.test('a version lies in a range when every bound holds', async (t) => {
  const cases: [string, string, boolean][] = [
    ['0.1.0', '>=0.1.0 <0.3.0', true],
    ['0.3.0', '>=0.1.0 <0.3.0', false],
    ['0.3.0-rc.1', '>=0.1.0 <0.3.0', false],
    ['0.3.0-rc.1', '>=0.3.0 <0.4.0', true],
    ['0.10.0', '>=0.9', true],
    ['0.2.7', '^0.2.1', true],
    ['1.0.0', '=1', true],
    ['1.0.1', '<=1.0.0', false],
    ['next', '>=0', false],
  ];
  for (const [version, range, expected] of cases)
    t.equal(isInRange(version, range), expected, `${version} ${range}`);
});

t.test('what is no range is refused as one', async (t) => {
  t.ok(VersionRange.safeParse('>=0.1 <2').success);
  for (const range of ['', '>=x.y', 'latest', '>=1.2.3.4', `>=1.0.0${' '.repeat(80)}`]) {
    t.notOk(VersionRange.safeParse(range).success, JSON.stringify(range));
  }
});
