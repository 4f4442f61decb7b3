import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const folders = ['pillars', 'robots'].map((name) => join(ROOT, 'device-profiles', name));

t.test('every profile of the library is in order but for its place, which the site gives', async (t) => {
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  t.ok(files.length >= 2);
  for (const file of files) {
    const assumed = { place: { label: 'somewhere' } };
    t.doesNotThrow(() => resolveProfile({ file, drivers: DRIVER_SCHEMAS, assumed }), file);
  }
});
