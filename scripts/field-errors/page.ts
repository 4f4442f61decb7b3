import { ERRORS } from '#contract/errors.ts';
import { TOPICS } from './all.ts';
import type { Outcome } from './make.ts';
import type { Mistake } from './mistake.ts';

const ABOUT = `# What is printed when something is done wrong

Every mistake below was made: the command was run in the situation that its title describes, and what stands under it is
what was printed. A code in the text leads to it: search this page for \`WP4407\`, or look into [all errors](errors.md).

A command that refuses leaves everything as it was, unless the text under it says what it has left. That was looked at as well:
every file, its content and its rights before and after.

Exit codes: 1 failed or refused, 2 wrong use. Names, numbers and times that differ from run to run are replaced.

This page is written by \`node scripts/generate/field-errors.ts\`, which makes all mistakes; a test makes them again.
`;

/** The whole of docs/field-errors.md; \`outcomes\` in the order of the mistakes. */
export function fieldErrorsPage(outcomes: ReadonlyMap<Mistake, Outcome>): string {
  const topics = TOPICS.map(({ heading, mistakes }) =>
    [`## ${heading}`, ...mistakes.map((mistake) => sectionOf(mistake, outcomes.get(mistake)))].join('\n\n'),
  );
  return `${[ABOUT.trimEnd(), tableOf(), ...topics].join('\n\n')}\n`;
}

function tableOf(): string {
  const rows = TOPICS.flatMap(({ mistakes }) => mistakes).map(
    ({ title, code }, index) => `| ${index + 1} | ${title} | ${code} | ${ERRORS[code].message} |`,
  );
  return ['| | what was done | code | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** What the page says of one mistake. */
export function sectionOf(mistake: Mistake, outcome: Outcome | undefined): string {
  const { title, words, leaves } = mistake;
  const typed = `$ scripts/watchpost ${words.map((word) => quoted(word.replaceAll(/\{\w+\}/g, '8883'))).join(' ')}`;
  const lines = [`### ${title}`, '', '```', typed, ...(outcome?.printed.split('\n') ?? []), '```'];
  const exit = mistake.exit === 'running' ? 'It goes on.' : `Exit code ${mistake.exit}.`;
  return [...lines, '', leaves === undefined ? exit : `${exit} ${leaves}`].join('\n');
}

const quoted = (word: string): string =>
  word !== '' && /^[\w./:@=,%+-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
