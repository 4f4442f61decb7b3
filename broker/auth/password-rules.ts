import { WatchpostError } from '#contract/errors.ts';

/** The same few keys over and over is no password, however long. */
const DISTINCT = 5;

/** Throws WP3359. Length, and what is guessed first; no classes of characters (NIST SP 800-63B, 5.1.1.2). */
export function judgePassword(name: string, password: string, minLength: number): void {
  const typed = password.normalize('NFKC');
  const characters = [...typed];
  const refuse = (detail: string) => {
    throw new WatchpostError('WP3359', { detail });
  };
  if (characters.length < minLength) refuse(`at least ${minLength} characters`);
  if (new Set(characters).size < DISTINCT) refuse(`at least ${DISTINCT} different characters`);
  if (isMadeOf(typed.toLowerCase(), name.toLowerCase())) refuse('not the name');
}

/** The name itself, or the name repeated. */
const isMadeOf = (password: string, name: string): boolean =>
  name !== '' && password.replaceAll(name, '') === '';
