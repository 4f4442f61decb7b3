import { PART_RULES } from './parts.ts';
import { PIN_RULES } from './pins.ts';
import { RETENTION_RULES } from './retention.ts';
import type { Rule } from './rule.ts';
import { SIGN_RULES } from './signs.ts';
import { TIME_RULES } from './times.ts';
import { WORD_RULES } from './words.ts';

/** Every rule of `profile lint` beside those by which an agent refuses a profile, in the order of their codes. */
export const RULES: readonly Rule[] = [
  ...PIN_RULES,
  ...WORD_RULES,
  ...TIME_RULES,
  ...RETENTION_RULES,
  ...SIGN_RULES,
  ...PART_RULES,
].sort((a, b) => a.code.localeCompare(b.code));
