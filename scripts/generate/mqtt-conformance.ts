import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STATEMENTS, type Statement } from './mqtt-statements.ts';

export interface TitledTest {
  readonly file: string;
  readonly title: string;
  /** Numbers of the statements that the title names. */
  readonly statements: readonly string[];
}

const TESTS = fileURLToPath(new URL('../../test/conformance/mqtt/', import.meta.url));
const PAGE = new URL('../../docs/mqtt-conformance.md', import.meta.url);
/** What stands above this line is written by hand. */
const MARK = '<!-- From here on written by `node scripts/generate/mqtt-conformance.ts`. -->';

/** Every test of the conformance folder, by the title it has in its file. */
export function titledTests(): TitledTest[] {
  return globSync('*.test.ts', { cwd: TESTS })
    .sort()
    .flatMap((file) =>
      [...readFileSync(`${TESTS}${file}`, 'utf8').matchAll(/\bt\.test\(\s*(['"])((?:\\.|(?!\1).)*)\1/g)].map(
        ([, , title = '']) => ({ file: basename(file), title, statements: statementsIn(title) }),
      ),
    );
}

/** `node scripts/generate/mqtt-conformance.ts` writes the table of docs/mqtt-conformance.md. */
export function conformancePage(current = readFileSync(PAGE, 'utf8')): string {
  const [byHand = ''] = current.split(MARK);
  const tests = titledTests();
  const applying = STATEMENTS.filter(({ notApplicable }) => notApplicable === null).length;
  return [
    `${byHand}${MARK}`,
    '',
    '## The statements',
    '',
    `${STATEMENTS.length} statements; ${applying} apply to a server and are tested.`,
    '',
    '| statement | asks | shown by (in `test/conformance/mqtt/`) |',
    '| --- | --- | --- |',
    ...STATEMENTS.map((statement) => rowOf(statement, tests)),
    '',
  ].join('\n');
}

function rowOf({ number, asks, notApplicable }: Statement, tests: readonly TitledTest[]): string {
  const shown = tests
    .filter(({ statements }) => statements.includes(number))
    .map(({ file, title }) => `\`${file}\`: ${plain(title)}`);
  const how = notApplicable === null ? shown.join('; ') : `does not apply: ${notApplicable}`;
  return `| [MQTT-${number}] | ${asks} | ${how} |`;
}

/** The title without the numbers that the first column has already. */
const plain = (title: string): string =>
  title
    .replace(/\[MQTT-[\d.-]+\] */g, '')
    .replaceAll('|', '\\|')
    .trim();

/** The standard itself once writes `[MQTT-3-8.3-4]`, which is the fourth of section 3.8.3. */
function statementsIn(title: string): string[] {
  return [...title.matchAll(/\[MQTT-([\d.]+-\d+|3-8\.3-4)\]/g)].map(([, number = '']) =>
    number === '3-8.3-4' ? '3.8.3-4' : number,
  );
}

if (import.meta.main) writeFileSync(PAGE, conformancePage());
