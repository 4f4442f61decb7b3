import { type Printed, SIZE } from './shell.ts';

/** As asciinema plays it: a line of JSON for the whole, and one for each thing printed (asciicast v2). */
export function asciicast(title: string, printed: readonly Printed[]): string {
  const header = { version: 2, width: SIZE.columns, height: SIZE.rows, title };
  const events = printed.map(({ atS, text }) => [Number(atS.toFixed(3)), 'o', text]);
  return `${[header, ...events].map((line) => JSON.stringify(line)).join('\n')}\n`;
}
