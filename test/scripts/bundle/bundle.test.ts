import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { readManifest } from '#contract/bundle/manifest.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { writeBundle } from '#scripts/bundle/bundle-file.ts';
import { ingredients } from '#scripts/bundle/ingredients.ts';
import { unsignedTrust } from '#scripts/bundle/make.ts';
import { newestOf, readChain } from '#scripts/bundle/root-chain.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';

const PASSPHRASE = 'four words of nobody';
/** Two records of Intel HEX: four bytes, and the end. */
const FIRMWARE = ':0400000001020304F2\n:00000001FF\n';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-bundle-test-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A device's folder with a profile, a board, and two clips. */
function prepared(dir: string): string {
  const source = join(dir, 'p.yaml');
  writeFileSync(
    source,
    `${TINY_PROFILE}boards:\n  - { name: uno, with: { driver: firmata, port: /dev/ttyACM0 } }\n`,
  );
  const device = join(dir, 'prepared');
  mkdirSync(join(device, 'voice/en'), { recursive: true });
  writeFileSync(join(device, 'profile.json'), JSON.stringify(resolved(source, {}).profile));
  writeFileSync(join(device, 'voice/manifest.json'), '{}');
  writeFileSync(join(device, 'voice/en/alarm.sent.wav'), Buffer.alloc(200_000, 7));
  writeFileSync(join(device, 'journal.db'), 'is nobody’s business');
  writeFileSync(join(dir, 'uno.hex'), FIRMWARE);
  return device;
}

function watchpost(dir: string, ...args: string[]): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../../../scripts/cli.ts'), 'bundle', ...args],
    {
      cwd: dir,
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, WATCHPOST_PASSPHRASE: PASSPHRASE },
    },
  );
  return { code: status, text: stdout + stderr };
}

t.test(
  'from keys to a verified bundle by commands; one signature too few, and another device, are refused',
  async (t) => {
    const dir = folder();
    prepared(dir);
    const run = (command: string) => watchpost(dir, ...command.split(' '));
    const done = (command: string) => t.match(run(command), { code: 0 }, command);
    done('key a');
    done('key b');
    t.equal(statSync(join(dir, 'a.key')).mode & 0o777, 0o600);
    t.notMatch(readFileSync(join(dir, 'a.key'), 'utf8'), 'PRIVATE KEY', 'the key is sealed');
    done('root new root.json --root-key a.pub --signing-key a.pub b.pub');
    const make =
      'make p.wpb --prepared prepared --site mall --device pillar-001 --generation 3 --root root.json';
    t.match(run(make), { code: 1, text: /WP4102/ }, 'not with a root that nobody has signed');
    done('root sign root.json --key a.key');
    done(`${make} --firmware uno=uno.hex`);
    done('sign p.wpb --key a.key');
    t.match(run('verify p.wpb --root root.json'), { code: 1, text: /WP4102/ });
    done('sign p.wpb --key b.key');
    t.match(run('verify p.wpb --root root.json --device mall.pillar-001 --json'), {
      code: 0,
      text: /"ok":true/,
    });
    t.match(run('verify p.wpb --root root.json --device mall.pillar-002'), { code: 1, text: /WP4105/ });

    const root = newestOf(readChain(join(dir, 'root.json')));
    await withBundleFile(join(dir, 'p.wpb'), async (reader) => {
      const clock = { quality: 'synced', nowMs: Date.now() } as const;
      const { manifest } = await verifyBundle(reader, {
        root,
        device: null,
        floor: null,
        agent: null,
        clock,
      });
      t.same(
        manifest.parts.map(({ name }) => name),
        ['boards/uno.hex', 'profile.json', 'voice/en/alarm.sent.wav', 'voice/manifest.json'],
      );
      t.same(readManifest(manifest.bytes, manifest.digest), manifest);
      t.equal(readManifest(manifest.bytes, 'f'.repeat(64)), null);
    });
  },
);

t.test('what cannot be made is refused with its reason, and nothing is written over', async (t) => {
  const dir = folder();
  const device = prepared(dir);
  const parts = (firmware: [string, string][]) =>
    ingredients({ prepared: device, firmware: new Map(firmware) });
  await t.rejects(parts([['mega', join(dir, 'uno.hex')]]), { code: 'WP4114', detail: /no board mega/ });
  for (const text of [':0400000001020304F3\n:00000001FF\n', ':0400000001020304F2\n', 'x\n', '']) {
    writeFileSync(join(dir, 'bad.hex'), text);
    await t.rejects(parts([['uno', join(dir, 'bad.hex')]]), { code: 'WP4114' }, JSON.stringify(text));
  }
  await t.rejects(ingredients({ prepared: dir, firmware: new Map() }), { code: 'WP4114' });
  const out = join(dir, 'there.wpb');
  writeFileSync(out, 'precious');
  const plan = { device: 'mall.pillar-001', agent: '>=0.1', generation: 1, expiresMs: Date.now() };
  const trust = unsignedTrust({ ...plan, parts: await parts([]) }, { roots: [] });
  await t.rejects(writeBundle(out, trust, []), { code: 'WP4115' });
  t.equal(readFileSync(out, 'utf8'), 'precious');
  t.throws(() => readChain(out), { code: 'WP4116' });
});
