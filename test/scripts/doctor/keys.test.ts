import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { installBundle } from '#agent/installer/install-bundle.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { agentOn } from '#scripts/doctor/agent-process.ts';
import { identityCheck } from '#scripts/doctor/checks/identity.ts';
import { siteCheck } from '#scripts/doctor/checks/site.ts';
import { slotsCheck } from '#scripts/doctor/checks/slots.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { readBundleRoot } from '#scripts/site-authority/bundle-keys.ts';
import { CardHolder } from '#scripts/site-authority/key-holder.ts';
import { makeNextBundle } from '#scripts/site-authority/next-bundle.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { NOW_MS, newSite, provision } from '#test/scripts/site-authority/support.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';
import { found, machineIn, patient, systemTree } from './patient.ts';

const DAY_MS = 86_400_000;
const address = { site: 'mall', device: 'pillar-001' };

const troubles = (findings: readonly string[]) => findings.filter((finding) => !finding.startsWith('ok '));

async function lab(t: Test) {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  const chain = readBundleRoot(site.dir);
  const plan = { to: card, address, brokers: ['mqtts://localhost:8883'], chain, nowMs: NOW_MS };
  await provision(site, { to: new CardHolder({ ...plan, keyIn: 'file' }) });
  const prepared = temporaryFolder(t);
  writeFileSync(join(prepared, 'p.yaml'), TINY_PROFILE);
  writeFileSync(
    join(prepared, 'profile.json'),
    JSON.stringify(resolved(join(prepared, 'p.yaml'), {}).profile),
  );
  const common = { siteDir: site.dir, device: 'pillar-001', prepared, firmware: new Map<string, string>() };
  const bundle = (days = 30) =>
    makeNextBundle({ ...common, agent: '>=0.0.0', days, by: 'a test', clock: site.clock });
  const root = systemTree(t.testdir());
  const at = (nowMs: number) => machineIn(root, { nowMs: () => nowMs });
  const look = async (nowMs = NOW_MS) =>
    troubles(await found(slotsCheck, patient({ cardDir: card, machine: at(nowMs) })));
  const lookAtSite = async (nowMs = NOW_MS) =>
    troubles(await found(siteCheck, patient({ siteDir: site.dir, machine: at(nowMs) })));
  const slots = new SlotStore(new FileDisk(join(card, 'slots')));
  const install = async (file: string) =>
    installBundle(card, file, { agent: null, who: 'a test', clock: { quality: 'synced', nowMs: NOW_MS } });
  return { site, card, bundle, look, lookAtSite, slots, install };
}

t.test('a card without a bundle, on trial, and with one that was rejected', async (t) => {
  const { bundle, look, slots, install } = await lab(t);
  t.strictSame(await look(), ['failed bundle WP4740']);
  await install((await bundle()).file);
  t.strictSame(await look(), ['warning trial WP4741']);
  await slots.start();
  await slots.confirm();
  t.strictSame(await look(), []);
  await install((await bundle()).file);
  await slots.reject('WP4205');
  t.strictSame(await look(), ['warning last bundle WP4742']);
});

t.test('a slot whose content is damaged names the part; slots that are none are said', async (t) => {
  const { card, bundle, look, slots, install } = await lab(t);
  await install((await bundle()).file);
  await slots.start();
  await slots.confirm();
  writeFileSync(join(card, 'slots/a/content/profile.json'), '{}');
  t.strictSame(await look(), ['failed slot a WP4204']);
  for (const copy of ['super-0', 'super-1']) writeFileSync(join(card, 'slots', copy), 'torn');
  t.strictSame(await look(), ['failed slots WP4201']);
});

t.test('what waits in the inbox and would be refused is told with its code', async (t) => {
  const { card, bundle, look } = await lab(t);
  const bytes = readFileSync((await bundle()).file);
  const inbox = join(card, 'inbox', 'WPA.WPB');
  writeFileSync(inbox, bytes);
  t.strictSame(await look(), ['failed bundle WP4740'], 'it can be installed');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  writeFileSync(inbox, bytes);
  t.strictSame(await look(), ['failed bundle WP4740', 'warning inbox WPA.WPB WP4109']);
  t.match(await look(NOW_MS + 2_000 * DAY_MS), ['failed bundle WP4740', 'failed who signs WP4743']);
  t.match(await look(NOW_MS + 1_800 * DAY_MS), ['failed bundle WP4740', 'warning who signs WP4743']);
});

t.test('a site whose certificates, list or roots end, or whose keys others may read', async (t) => {
  const { site, lookAtSite } = await lab(t);
  t.strictSame(await lookAtSite(), []);
  t.strictSame(await lookAtSite(NOW_MS + 340 * DAY_MS), [
    'warning list WP4744',
    'warning device pillar-001 WP4706',
  ]);
  const late = await lookAtSite(NOW_MS + 3_400 * DAY_MS);
  t.strictSame(late, [
    'failed broker’s certificate WP4705',
    'warning list WP4744',
    'warning issuing authority WP4706',
    'failed bundle root WP4743',
    'failed device pillar-001 WP4705',
  ]);
  chmodSync(siteFile(site.dir, 'issuingKey'), 0o644);
  t.strictSame(await lookAtSite(), ['failed issuingKey WP4412']);
  chmodSync(siteFile(site.dir, 'issuingKey'), 0o600);
  rmSync(siteFile(site.dir, 'bundleRoot'));
  t.strictSame(await lookAtSite(), ['failed bundle root WP4416']);
  rmSync(siteFile(site.dir, 'settings'));
  t.strictSame(await lookAtSite(), ['failed site WP4402']);
});

t.test(
  'a provisioning that was interrupted leaves a device with two certificates, which is told',
  async (t) => {
    const { site, card, lookAtSite } = await lab(t);
    // In the way of the link that is renamed into place.
    mkdirSync(join(card, 'identity.new', 'in-the-way'), { recursive: true });
    await t.rejects(provision(site, { to: card, existing: 'replace' }), { code: 'WP4407' });
    t.strictSame(await lookAtSite(), ['warning device pillar-001 WP4745']);
  },
);

t.test('a key that was sealed by a TPM which is not here is told', async (t) => {
  const { card } = await lab(t);
  const dir = join(card, 'identity');
  rmSync(join(dir, 'key.pem'));
  writeFileSync(join(dir, 'key.sealed'), '{}');
  const seen = await found(identityCheck, patient({ identityDir: dir }));
  t.match(seen, [/^failed private key (WP4746|WP4424)$/], 'no TPM, or it does not open it');
});

t.test('an agent that was started from a card is found by its folder', async (t) => {
  const root = systemTree(t.testdir(), {
    'proc/41/cmdline': 'node\0agent/main.ts\0--card\0/srv/card\0',
    'proc/42/cmdline': 'node\0agent/main.ts\0--data\0/srv/other\0',
  });
  t.equal(agentOn(machineIn(root), '/srv/card/data'), 41);
  t.equal(agentOn(machineIn(root), '/srv/other'), 42);
  t.equal(agentOn(machineIn(root), '/srv/none/data'), null);
});
