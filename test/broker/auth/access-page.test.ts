import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DEFAULT_ACCESS } from '#broker/auth/access-settings.ts';
import { PERMISSIONS, permissionsOf, ROLES } from '#broker/auth/roles.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');

t.test('docs/access.md says what each role may, and what each permission is', async (t) => {
  const access = page('access.md');
  for (const role of ROLES) {
    const granted = permissionsOf({ name: 'x', role })
      .map((permission) => `\`${permission}\``)
      .join(' ');
    t.match(access, new RegExp(`\\| \`${role}\` \\| [^|]+ \\| ${granted} \\|`), role);
  }
  for (const permission of PERMISSIONS) t.match(access, `\n| \`${permission}\` | `, permission);
});

t.test('docs/site-configuration.md has every setting of access with its default', async (t) => {
  const text = page('site-configuration.md');
  for (const [key, value] of Object.entries(DEFAULT_ACCESS)) {
    const shown = Array.isArray(value) ? '[]' : String(value);
    const line = text.split('\n').find((each) => each.startsWith(`  ${key}: `)) ?? '';
    t.equal(line.slice(`  ${key}: `.length).split(' ')[0], shown, key);
  }
});

t.test('docs/audit.md lists every action that the sources write', async (t) => {
  const audit = page('audit.md');
  const found = new Set<string>();
  for (const folder of ['broker', 'scripts']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(root, folder, name), 'utf8');
      const written = /(?:action: |#audit\([^;]*?)'([a-z-]+\.[a-z-]+)'/g;
      for (const [, action = ''] of text.matchAll(written)) found.add(action);
    }
  }
  t.ok(found.size > 20, [...found].join(' '));
  for (const action of found) t.match(audit, `\`${action}\``, action);
});
