/** How much of what there is to say one language has. */
export interface Coverage {
  readonly language: string;
  readonly prompts: number;
  readonly missing: readonly string[];
}

/** The lines of a table: a heading, then a language each, with what it lacks. */
export function coverageTable(rows: readonly Coverage[], all: number): string[] {
  const line = (language: string, prompts: string, missing: string) =>
    `${language.padEnd(9)} ${prompts.padStart(9)}  ${missing}`.trimEnd();
  return [
    line('language', 'prompts', 'missing'),
    ...rows.map(({ language, prompts, missing }) =>
      line(language, `${prompts} of ${all}`, missing.length === 0 ? '–' : missing.join(', ')),
    ),
  ];
}
