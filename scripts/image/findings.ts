/** One thing that must hold of the image. */
export interface Finding {
  readonly what: string;
  readonly holds: boolean;
  readonly seen: string;
}

/** One line a finding, as it is found. */
export class Findings {
  readonly #print: (line: string) => void;
  readonly #all: Finding[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add(finding: Finding): void {
    this.#all.push(finding);
    this.#print(
      `${finding.holds ? 'ok' : 'not ok'} - ${finding.what}: ${finding.seen.replaceAll('\n', ' | ')}`,
    );
  }

  get failed(): readonly Finding[] {
    return this.#all.filter(({ holds }) => !holds);
  }

  get count(): number {
    return this.#all.length;
  }
}
