import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { RULES } from '../profiles/rules/rules.ts';

/** What keeps an agent from running a profile; found wherever one is resolved, and by `profile lint` with the rest. */
const REFUSALS: readonly ErrorCode[] = [
  'WP4001',
  'WP4002',
  'WP4003',
  'WP4004',
  'WP4006',
  'WP4007',
  'WP4008',
  'WP4009',
  'WP4010',
  'WP4011',
  'WP4012',
  'WP4015',
  'WP4020',
  'WP4021',
  'WP4022',
  'WP4023',
  'WP4030',
  'WP4031',
  'WP4032',
  'WP4033',
  'WP2440',
  'WP2441',
  'WP2442',
  'WP2443',
  'WP2465',
  'WP2466',
  'WP2467',
  'WP2513',
  'WP2514',
  'WP2515',
  'WP2820',
  'WP2821',
  'WP2822',
];

/** docs/profile-rules.md, written from the rules themselves. */
export function profileRulesPage(): string {
  const rules = RULES.map(({ code, severity, finds }) => `| ${code} | ${severity} | ${finds} |`);
  const refusals = REFUSALS.map((code) => `| ${code} | ${ERRORS[code].message} | ${ERRORS[code].hint} |`);
  return `# What \`profile lint\` finds

\`scripts/watchpost profile lint FILE… [--site-file FILE --device ID] [--voice DIR] [--json]\` looks at the shape of a profile
and at its data, and tells everything in one run: a fault of shape hides no other. Each problem has file and line, a code,
and what to do. Exit code 1 with an **error**, 0 with **warnings** alone. \`--json\` has a line a problem: \`{code, severity,
file, line, path, message, hint}\`, with \`path\` in the resolved profile.

With \`--site-file\` a device of a site is judged, by the law of that site; without it a model, whose place and law are not
known yet. With \`--voice DIR\` the clips in the folder of a device are looked at. How each limit was chosen stands beside it
in \`scripts/profiles/rules/\`.

This page is written from the rules by \`node scripts/generate/profile-rules.ts\`; a test holds both together.

## Rules about data

An agent runs a profile that breaks one of these; it would do something else than was meant.

| code | | finds |
| --- | --- | --- |
${rules.join('\n')}

## What an agent refuses

Told by \`profile lint\`, \`profile show\` and the start of an agent alike; always errors.

| code | finds | what to do |
| --- | --- | --- |
${refusals.join('\n')}
`;
}

if (import.meta.main) {
  const page = fileURLToPath(new URL('../../docs/profile-rules.md', import.meta.url));
  writeFileSync(page, profileRulesPage());
}
