import { writeFileSync } from 'node:fs';
import { makeAll } from '../field-errors/make-all.ts';
import { fieldErrorsPage } from '../field-errors/page.ts';
import { verdictOn } from '../field-errors/verdict.ts';

/** `node scripts/generate/field-errors.ts` makes every mistake and writes docs/field-errors.md. */
if (import.meta.main) {
  const outcomes = await makeAll((mistake, outcome) => {
    for (const fault of verdictOn(mistake, outcome)) {
      process.stderr.write(`${mistake.title}: ${fault}\n`);
      process.exitCode = 1;
    }
  });
  writeFileSync(new URL('../../docs/field-errors.md', import.meta.url), fieldErrorsPage(outcomes));
}
