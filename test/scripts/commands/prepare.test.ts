import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { prepareDevice } from '#scripts/commands/prepare.ts';
import { DEMO_SITE_FILE, ROOT } from '#scripts/site/demo-site.ts';

t.test(
  'preparing what is prepared already writes nothing, so that a full disk does not matter',
  async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-prepare-'));
    t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
    const prepare = () =>
      prepareDevice({
        profile: resolve(ROOT, 'device-profiles/pillars/roadside.yaml'),
        siteFile: resolve(ROOT, DEMO_SITE_FILE),
        device: 'pillar-001',
        dataDir,
        clips: null,
        say: () => undefined,
      });
    const files = () =>
      ['profile.json', 'voice/manifest.json'].map((name) => statSync(join(dataDir, name)).ino);
    await prepare();
    const before = files();
    await prepare();
    t.same(files(), before);
  },
);
