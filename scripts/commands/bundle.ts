import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { readHead } from '#contract/bundle/layout.ts';
import { manifestOf } from '#contract/bundle/manifest.ts';
import { short } from '#contract/bundle/trust.ts';
import { type Expectations, verifyBundle } from '#contract/bundle/verify.ts';
import { systemClock } from '#contract/clock.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';
import { refuseExisting, resignBundle, writeBundle } from '../bundle/bundle-file.ts';
import { ingredients } from '../bundle/ingredients.ts';
import { type PassphraseOption, passphraseOf, readSigningKey, writeSigningKey } from '../bundle/key-file.ts';
import { unsignedTrust, withSignature } from '../bundle/make.ts';
import { withPreparedProfile } from '../bundle/prepared.ts';
import { checkChain, newestOf, readChain } from '../bundle/root-chain.ts';
import { BUNDLE_DAYS, makeNextBundle, thisMinor } from '../site-authority/next-bundle.ts';
import { addOptionalPlace, type PlaceOptions, placeOf } from '../site-authority/place-options.ts';
import { daysFromNow, number } from './bundle-numbers.ts';
import { bundleRootCommand } from './bundle-root.ts';
import { type Firmware, firmwareOption } from './firmware-option.ts';

interface MakeOptions extends Partial<PlaceOptions> {
  readonly profile?: string;
  readonly siteFile?: string;
  readonly prepared?: string;
  readonly siteDir?: string;
  readonly site?: string;
  readonly device: string;
  readonly generation?: number;
  readonly root?: string;
  readonly agent: string;
  readonly days: number;
  readonly firmware: Firmware;
}

interface VerifyOptions {
  readonly root?: string;
  readonly card?: string;
  readonly device?: string;
  readonly agent?: string;
  readonly json?: true;
}

/** `watchpost bundle key|root|make|sign|verify|show` */
export function bundleCommand(): Command {
  const bundle = new Command('bundle');
  bundle
    .command('key')
    .argument('<name>', 'writes NAME.key (sealed by a passphrase) and NAME.pub')
    .description('make a key that signs')
    .option('--passphrase-file <file>', 'holds the passphrase (else WATCHPOST_PASSPHRASE)')
    .action(makeKey);
  bundle.addCommand(bundleRootCommand());
  bundle.addCommand(makeCommand());
  bundle
    .command('sign')
    .argument('<file>', 'the bundle')
    .description('sign a bundle; several may, one after another')
    .requiredOption('--key <file>', 'a key that the root names (NAME.key)')
    .option('--passphrase-file <file>', 'holds the passphrase (else WATCHPOST_PASSPHRASE)')
    .action(sign);
  bundle
    .command('verify')
    .argument('<file>', 'the bundle')
    .description('check every signature and every byte; exits 1 with the reason')
    .option('--root <file>', 'the root that is trusted')
    .option(
      '--card <dir>',
      'instead: a device’s folder, with the root, the device and the generation that it knows',
    )
    .option('--device <site.device>', 'must be for this device')
    .option('--agent <version>', 'must be for this version of the agent')
    .option('--json', 'print one JSON line')
    .action(verify);
  bundle
    .command('show')
    .argument('<file>', 'the bundle')
    .description('print what a bundle says of itself; nothing of it is verified')
    .action(show);
  return bundle;
}

function makeCommand(): Command {
  return addOptionalPlace(new Command('make'))
    .argument('[out]', 'the bundle to write (with --site-dir else DIR/bundles/DEVICE-GENERATION.wpb)')
    .description('put profile, voice and firmware of a device into one file')
    .option('--site-dir <dir>', 'a site’s folder: takes site, root and generation from it, and signs')
    .option('--profile <file>', 'the profile; its voice is rendered here')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--prepared <dir>', 'instead of a profile: a folder that `prepare` has left')
    .option('--site <id>', 'the site')
    .requiredOption('--device <id>', 'the device it is for')
    .option('--generation <number>', 'higher than any before it', number)
    .option('--root <file>', 'who may sign it')
    .option('--agent <range>', 'versions of the agent that can run it', thisMinor())
    .option('--days <days>', 'how long it may be installed', number, BUNDLE_DAYS)
    .option('--firmware <board=file>', 'Intel HEX for a board of the profile', firmwareOption, new Map())
    .action(make);
}

async function makeKey(name: string, options: PassphraseOption): Promise<void> {
  const keyId = await writeSigningKey(name, passphraseOf(options));
  process.stdout.write(`${name}.key and ${name}.pub: key ${short(keyId)}\n`);
}

async function make(out: string | undefined, options: MakeOptions): Promise<void> {
  if (options.siteDir !== undefined) return makeAtSite(out, options.siteDir, options);
  const { site, device, generation, root, agent, days, firmware } = options;
  if (out === undefined || site === undefined || generation === undefined || root === undefined) {
    throw new WatchpostError('WP5024', {
      detail: 'give --site-dir, or OUT with --site, --generation and --root',
    });
  }
  await refuseExisting(out);
  const chain = readChain(root);
  checkChain(chain);
  await withPrepared(options, async (prepared) => {
    const parts = await ingredients({ prepared, firmware });
    const plan = { device: clientIdOf({ site, device }), generation, agent, expiresMs: daysFromNow(days) };
    await writeBundle(out, unsignedTrust({ ...plan, parts }, chain), parts);
  });
  const { threshold } = newestOf(chain).signed.roles.targets;
  await show(out);
  process.stdout.write(
    `Not signed yet: ${threshold} must (scripts/watchpost bundle sign ${out} --key NAME.key).\n`,
  );
}

/** The next generation of the device, signed by the site's own key. */
async function makeAtSite(out: string | undefined, siteDir: string, options: MakeOptions): Promise<void> {
  const { device, agent, days, firmware, site, generation, root } = options;
  if (site !== undefined || generation !== undefined || root !== undefined) {
    throw new WatchpostError('WP5024', { detail: '--site-dir knows site, generation and root' });
  }
  if (out !== undefined) await refuseExisting(out);
  const by = userInfo().username;
  const common = { siteDir, device, agent, days, firmware, by, clock: systemClock };
  const { file, signatures, threshold } = await withPrepared(options, (prepared) =>
    makeNextBundle({ ...common, prepared, ...(out === undefined ? {} : { out }) }),
  );
  await show(file);
  const next =
    signatures < threshold
      ? `next: scripts/watchpost bundle sign ${file} --key NAME.key (${signatures} of ${threshold} have signed)`
      : `next: scripts/watchpost flash ${file} --to TARGET`;
  process.stdout.write(`${next}\n`);
}

async function withPrepared<T>(
  { profile, prepared, siteFile, device, place, ...position }: MakeOptions,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if ((profile === undefined) === (prepared === undefined)) {
    throw new WatchpostError('WP5024', { detail: 'give either --profile or --prepared' });
  }
  if (profile === undefined) return use(prepared ?? '');
  const over = siteFile === undefined ? {} : { siteFile };
  const said = place === undefined ? {} : { place: placeOf({ place, ...position }) };
  return withPreparedProfile({ profile, device, said, ...over }, use);
}

async function sign(
  file: string,
  { key, ...options }: PassphraseOption & { readonly key: string },
): Promise<void> {
  const signer = await readSigningKey(key, options);
  await resignBundle(file, (trust) => {
    const signed = withSignature(trust, signer);
    process.stdout.write(`${file}: signed by ${signed.signatures} of ${signed.threshold}\n`);
    return signed.trust;
  });
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const { agent, json } = options;
  const known = await knownAt(options);
  const clock = { quality: 'synced', nowMs: Date.now() } as const;
  const expected = { ...known, agent: agent ?? null, clock };
  const { manifest } = await withBundleFile(file, (reader) => verifyBundle(reader, expected));
  const { generation, digest, contentBytes, parts } = manifest;
  const said = { device: manifest.device, generation, agent: manifest.agent, digest, contentBytes };
  if (json) process.stdout.write(`${JSON.stringify({ ok: true, ...said, parts: parts.length })}\n`);
  else
    process.stdout.write(
      `ok: ${manifest.device} generation ${generation}, ${contentBytes} bytes, ${digest}\n`,
    );
}

/** Against what it is judged: a root alone, or what a device's folder knows. Rejects with WP4116, WP4201, WP4211, WP5024. */
async function knownAt({
  root,
  card,
  device,
}: VerifyOptions): Promise<Pick<Expectations, 'root' | 'device' | 'floor'>> {
  if ((root === undefined) === (card === undefined)) {
    throw new WatchpostError('WP5024', { detail: 'give either --root or --card' });
  }
  if (card === undefined) {
    return { root: newestOf(readChain(root ?? '')), device: device ?? null, floor: null };
  }
  const facts = readCard(card);
  const slots = new SlotStore(new FileDisk(join(card, CARD.slots)));
  const { floor } = await slots.state();
  return { root: await slots.root(), device: device ?? clientIdOf(facts), floor };
}

async function show(file: string): Promise<void> {
  const { trust } = await withBundleFile(file, readHead);
  const { device, generation, agent, expiresMs, parts, contentBytes, digest } = manifestOf(
    trust.targets.signed,
  );
  const signers = trust.targets.signatures.map(({ keyid }) => short(keyid)).join(', ');
  const lines = [
    `${file}: for ${device}, generation ${generation}, agent ${agent}`,
    `  until ${new Date(expiresMs).toISOString()}, ${parts.length} parts, ${contentBytes} bytes, ${digest}`,
    `  signed by ${signers || 'nobody'}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
