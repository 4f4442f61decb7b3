/** What a sequence moves or takes away: `ESC [ parameters letter` (ECMA-48, 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences begin and end with them
const SEQUENCE = /^\x1b(?:\[([?\d;]*)([A-Za-z])|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])/;

/** A terminal as far as our commands use one: text, returns, moves of the cursor, taking away. Colours are passed over. */
export class Screen {
  readonly #lines: string[][] = [[]];
  readonly #width: number;
  #row = 0;
  #column = 0;

  /** @param width - in characters */
  constructor(width: number) {
    this.#width = width;
  }

  write(text: string): void {
    for (let rest = text; rest !== ''; ) rest = rest.slice(this.#take(rest));
  }

  /** All that was ever shown and not taken away, without blanks at the ends of lines. */
  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from(line, (sign) => sign ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  /** Answers how much of the text it has taken. */
  #take(text: string): number {
    const [sequence, numbers = '', letter = ''] = SEQUENCE.exec(text) ?? [];
    if (sequence !== undefined) {
      this.#obey(letter, Number.parseInt(numbers, 10) || 0);
      return sequence.length;
    }
    const sign = String.fromCodePoint(text.codePointAt(0) ?? 0);
    if (sign === '\n') this.#row += 1;
    else if (sign === '\r') this.#column = 0;
    else if (sign === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (sign >= ' ') this.#put(sign);
    while (this.#lines.length <= this.#row) this.#lines.push([]);
    return sign.length;
  }

  #put(sign: string): void {
    if (this.#column >= this.#width) {
      this.#row += 1;
      this.#column = 0;
    }
    while (this.#lines.length <= this.#row) this.#lines.push([]);
    const line = this.#lines[this.#row];
    if (line !== undefined) line[this.#column] = sign;
    this.#column += 1;
  }

  #obey(letter: string, number: number): void {
    const count = Math.max(1, number);
    if (letter === 'A') this.#row = Math.max(0, this.#row - count);
    if (letter === 'B') this.#row += count;
    if (letter === 'C') this.#column += count;
    if (letter === 'D') this.#column = Math.max(0, this.#column - count);
    if (letter === 'G') this.#column = count - 1;
    if (letter === 'K') this.#eraseLine(number);
    if (letter === 'J') this.#eraseBelow();
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #eraseLine(which: number): void {
    const line = this.#lines[this.#row] ?? [];
    this.#lines[this.#row] = which === 0 ? line.slice(0, this.#column) : [];
  }

  #eraseBelow(): void {
    this.#eraseLine(0);
    this.#lines.length = this.#row + 1;
  }
}
