import { PROMPT } from './shell.ts';

const BEGIN = '<!-- Written by `node scripts/generate/first-hour.ts`: begin -->';
const END = '<!-- end -->';

/** The page with what stands between its marks replaced. Throws where it has none. */
export function withSession(page: string, text: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new RangeError('the page has no marks');
  return `${page.slice(0, from)}${BEGIN}\n\n\`\`\`\n${text}\n\`\`\`\n\n${page.slice(to)}`;
}

/** What stands between the marks, or null. */
export function sessionOf(page: string): string | null {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  return from < 0 || to < from ? null : page.slice(from, to);
}

/** The commands that a page shows between its marks, in their order. */
export function commandsOf(page: string): string[] {
  // What a program prints behind the prompt, once it runs in the background, is no command.
  const shown = (sessionOf(page) ?? '').split('\n').filter((line) => line.startsWith(`${PROMPT}scripts/`));
  return shown.map((line) => line.slice(PROMPT.length));
}
