import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

t.test('the places of the site’s file and the languages of visitors are prepared to be spoken', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-prepare-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  // Without a speech engine the words are prepared all the same, and nothing takes time.
  const path = process.env.PATH;
  process.env.PATH = dataDir;
  t.teardown(() => {
    process.env.PATH = path;
  });
  const siteFile = join(dataDir, 'site.yaml');
  const place = '{id: exit, direction: left, distanceM: 52, name: {en: Exit, de: 出口}}';
  const site = (places: string) => `siteVersion: 1
devices:
  pillar-001:
    place: {label: Here}
    languages: [en, de]
    guidance: {languages: [th], places: [${places}]}
`;
  const said: string[] = [];
  const prepare = (places: string) => {
    writeFileSync(siteFile, site(places));
    const profile = resolve(ROOT, 'device-profiles/pillars/roadside.yaml');
    return prepareDevice({
      profile,
      siteFile,
      device: 'pillar-001',
      dataDir,
      clips: null,
      say: (line) => said.push(line),
    });
  };
  await prepare(place);
  const { prompts } = JSON.parse(readFileSync(join(dataDir, 'voice/manifest.json'), 'utf8'));
  t.match(
    prompts.filter(({ key }: { key: string }) => key === 'place.exit'),
    [{ language: 'en', text: 'Exit: to the left. About 50 metres.' }],
  );
  t.match(said.join(), /WP2507/);
  const languages = prompts.map(({ language }: { language: string }) => language);
  t.strictSame([...new Set(languages)], ['en', 'de', 'th'], 'those of visitors come last');
  await t.rejects(prepare(`${place}, ${place}`), { message: /guidance\.places.*id twice/ });
});

t.test('clips are drawn for a simulated camera alone', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-prepare-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  // Without a speech engine nothing takes time.
  const path = process.env.PATH;
  process.env.PATH = dataDir;
  t.teardown(() => {
    process.env.PATH = path;
  });
  let drawn = 0;
  const prepare = (camera: object) => {
    const text = readFileSync(join(ROOT, 'test/fault/profiles/watched.yaml'), 'utf8');
    writeFileSync(
      join(dataDir, 'p.yaml'),
      text.replace(/with: \{ driver: gstreamer.*\}/, `with: ${JSON.stringify(camera)}`),
    );
    return prepareDevice({
      ...{ profile: join(dataDir, 'p.yaml'), device: 'p', dataDir, say: () => undefined },
      clips: async () => {
        drawn += 1;
        return null;
      },
    });
  };
  await prepare({ driver: 'gstreamer', source: 'v4l2:///dev/video0' });
  t.equal(drawn, 0);
  await prepare({ driver: 'sim' });
  t.equal(drawn, 1);
});
