/** Metres that a way is told in: whole tens, from 100 on whole fifties. Nobody paces out more, and "about" is said. */
export const SPOKEN_METRES: readonly number[] = [
  ...Array.from({ length: 9 }, (_, index) => (index + 1) * 10),
  ...Array.from({ length: 19 }, (_, index) => 100 + index * 50),
];

/** The numbers that a catalogue must have words for where its engine reads no digits. */
export const NUMBER_WORDS: readonly number[] = [
  ...Array.from({ length: 9 }, (_, index) => (index + 1) * 10),
  ...Array.from({ length: 10 }, (_, index) => (index + 1) * 100),
];

/** The forms (CLDR plural categories) that a counted prompt needs in this language for the numbers that are said. */
export function pluralForms(language: string): Intl.LDMLPluralRule[] {
  const rules = new Intl.PluralRules(language);
  return [...new Set(SPOKEN_METRES.map((metres) => rules.select(metres)))];
}

/** A number of SPOKEN_METRES as its engine reads it: in the catalogue's words, else in digits. */
export function spokenNumber(words: Readonly<Record<string, string>> | undefined, count: number): string {
  if (words === undefined) return String(count);
  if (count >= 1000) return words['1000'] ?? String(count);
  const parts = [count - (count % 100), count % 100].filter((part) => part > 0);
  return parts.map((part) => words[part] ?? String(part)).join(' ');
}
