import { readFileSync, writeFileSync } from 'node:fs';
import { asciicast } from '../session/asciicast.ts';
import { COMMANDS, firstHour } from '../session/first-hour.ts';
import { withSession } from '../session/page.ts';
import { Screen } from '../session/screen.ts';
import { SIZE } from '../session/shell.ts';
import { terminalPicture } from '../session/terminal-picture.ts';

const TITLE = 'From a fresh clone to a commissioned pillar';
const at = (name: string): URL => new URL(`../../${name}`, import.meta.url);

/** `node scripts/generate/first-hour.ts` runs the six commands and records what is seen, for README and docs. */
if (import.meta.main) {
  const { printed, seconds } = await firstHour(COMMANDS);
  const screen = new Screen(SIZE.columns);
  for (const { text } of printed) screen.write(text);
  const shown = screen.text.replace(/\n\$$/, '');
  writeFileSync(at('docs/first-hour.cast'), asciicast(TITLE, printed));
  writeFileSync(at('docs/first-hour.svg'), terminalPicture(shown));
  for (const name of ['README.md', 'docs/first-hour.md']) {
    writeFileSync(at(name), withSession(readFileSync(at(name), 'utf8'), shown));
  }
  process.stdout.write(`${seconds.toFixed(0)} s\n`);
}
