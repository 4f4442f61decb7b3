import { writeFileSync } from 'node:fs';
import type { ErrorEntry } from '#contract/errors/entry.ts';
import { ERRORS } from '#contract/errors.ts';

/** `node scripts/generate/errors.ts` writes docs/errors.md. */
export function errorsPage(): string {
  const rows = Object.entries<ErrorEntry>(ERRORS).map(
    ([code, { message, hint, retryable }]) =>
      `| ${code} | ${message} | ${hint} | ${retryable ? 'yes' : 'no'} |`,
  );
  return [
    '# Errors',
    '',
    'Every error of Watchpost has a stable code; scripts may rely on it. A code is never reused.',
    'This page is written from `contract/errors.ts` by `node scripts/generate/errors.ts`.',
    '',
    '| code | what happened | what would be right | may pass by itself |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../../docs/errors.md', import.meta.url), errorsPage());
