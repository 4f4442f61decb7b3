import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { profileRulesPage } from '#scripts/generate/profile-rules.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const page = readFileSync(join(ROOT, 'docs/profile-rules.md'), 'utf8');

t.test('docs/profile-rules.md is what the rules say of themselves', async (t) => {
  t.equal(page, profileRulesPage(), 'node scripts/generate/profile-rules.ts writes it');
});

t.test('it has every code with which a profile is refused', async (t) => {
  const folder = join(ROOT, 'agent/profile');
  // card.ts reads whose a folder is, and no profile.
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'card.ts');
  const named = sources.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/'(WP\d{4})'/g)].map(([, code]) => code ?? ''),
  );
  t.ok(named.length > 25);
  for (const code of new Set(named)) t.match(page, `| ${code} |`, code);
});
