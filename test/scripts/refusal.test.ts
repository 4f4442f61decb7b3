import { readFileSync, statSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import t from 'tap';
import { WatchpostError } from '#contract/errors.ts';
import { refusalOf } from '#scripts/refusal.ts';

const program = new Command('watchpost');
program.command('site').command('init');

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

t.test('wrong use names the command whose help says what is right', async (t) => {
  const error = new CommanderError(
    1,
    'commander.unknownOption',
    "error: unknown option '--hots'\n(Did you mean --host?)",
  );
  t.same(refusalOf(error, program, ['site', 'init', 'mall', '--hots', 'x']), {
    text:
      "WP5024 The command was not used rightly. (unknown option '--hots')\n" +
      '  → Did you mean --host? scripts/watchpost site init --help says what is right.\n',
    exit: 2,
  });
});

t.test('what the system answers is told with what to do, not with a stack', async (t) => {
  const missing = thrownBy(() => statSync('/nowhere/at/all'));
  t.match(refusalOf(missing, program, []), {
    text: /^WP5010 .*\/nowhere\/at\/all.*\n {2}→ .*mounted/,
    exit: 1,
  });
  const folder = thrownBy(() => readFileSync('/'));
  t.match(refusalOf(folder, program, []), { text: /^WP5010 .*EISDIR.*\n {2}→ A folder/, exit: 1 });
});

t.test('an error with a code of ours says its own hint', async (t) => {
  const error = new WatchpostError('WP4401', { detail: 'here', hint: 'Go there.' });
  t.match(refusalOf(error, program, []), { text: /^WP4401 .*\(here\)\n {2}→ Go there\.\n$/, exit: 1 });
});

t.test('a fault of the program keeps its stack', async (t) => {
  t.equal(refusalOf(new TypeError('x is not a function'), program, []), null);
  t.equal(refusalOf(Object.assign(new Error('?'), { code: 'EODD', syscall: 'odd' }), program, []), null);
});
