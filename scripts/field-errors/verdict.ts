import type { Outcome } from './make.ts';
import type { Mistake } from './mistake.ts';

/** A line of a stack, or what Node prints around one. */
const STACK = /^\s+at .+:\d+:\d+\)?$|^Node\.js v\d|ExperimentalWarning|\bUnhandled/m;
/** What a technician sees without scrolling. */
const MOST_LINES = 24;

/** What is bad about an answer, in words; nothing where it is as it has to be. */
export function verdictOn(mistake: Mistake, { printed, exit, changed }: Outcome): string[] {
  const { code, leaves } = mistake;
  const wanted = mistake.exit === 'running' ? 0 : mistake.exit;
  const faults: [boolean, string][] = [
    [exit !== wanted, `exit code ${exit}, not ${wanted}`],
    [!printed.includes(code), `${code} is not said: ${printed}`],
    [mistake.exit !== 'running' && !/→ \S/.test(printed), 'it does not say what would be right'],
    [STACK.test(printed), `it shows the inside of the program: ${printed}`],
    [printed.split('\n').length > MOST_LINES, 'it is too long to be read'],
    [/\bundefined\b|\[object /.test(printed), 'it says undefined'],
    [printed.includes('CHANGED: '), 'what lies on the medium is not as it was'],
    [leaves === undefined && changed.length > 0, `it has changed ${changed.join(', ')}`],
    [leaves !== undefined && changed.length === 0, 'it has left nothing, though it is said to'],
  ];
  return faults.flatMap(([isSo, fault]) => (isSo ? [fault] : []));
}
