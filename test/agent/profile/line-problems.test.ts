import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { ProfileError } from '#agent/profile/problem.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';

/** What is wrong with a profile whose button, lamp and siren hang on these lines of a chip. */
function problemsOf({ button, lamp, siren }: Record<'button' | 'lamp' | 'siren', string>): string[] {
  const profile = TINY_PROFILE.replace('with: { driver: sim }', `with: { driver: gpio, ${button} }`)
    .replace('lamp: { driver: sim }', `lamp: { driver: gpio, ${lamp} }\nsiren: { driver: gpio, ${siren} }`)
    .replace('siren: false', 'siren: true');
  const file = join(t.testdir({ 'p.yaml': profile }), 'p.yaml');
  try {
    resolveProfile({ file, drivers: DRIVER_SCHEMAS });
    return [];
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return error.problems.map(({ code, path, line }) => `${code} ${path} in line ${line}`);
  }
}

const on = (line: number, more = '') => `chip: soc, line: ${line}${more}`;

t.test('a button, a lamp and a siren each on a line of its own', async (t) => {
  t.same(problemsOf({ button: on(17, ', bias: up, activeLow: true'), lamp: on(27), siren: on(22) }), []);
});

t.test('a line that two parts have is told where the second names it', async (t) => {
  t.same(problemsOf({ button: on(17), lamp: on(27), siren: on(17) }), ['WP4015 siren.line in line 11']);
});

t.test('what a lamp on a line does not have is told', async (t) => {
  t.same(problemsOf({ button: on(17), lamp: on(27, ', bias: up'), siren: on(22) }), [
    'WP4008 lamp.bias in line 10',
  ]);
  t.same(problemsOf({ button: on(17, ', bias: up, fallback: sysfs'), lamp: on(27), siren: on(22) }), [
    'WP4008 inputs[0].with.fallback in line 9',
  ]);
});
