import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readHead } from '#contract/bundle/layout.ts';
import { manifestOf } from '#contract/bundle/manifest.ts';
import type { RootDocument } from '#contract/bundle/metadata.ts';
import { short } from '#contract/bundle/trust.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';
import { readVersion } from '#contract/version.ts';
import { refuseExisting, resignBundle, withBundleFile, writeBundle } from '../bundle/bundle-file.ts';
import { ingredients } from '../bundle/ingredients.ts';
import { type PassphraseOption, passphraseOf, readSigningKey, writeSigningKey } from '../bundle/key-file.ts';
import { unsignedTrust, withSignature } from '../bundle/make.ts';
import { checkChain, newestOf, readChain } from '../bundle/root-chain.ts';
import { daysFromNow, number } from './bundle-numbers.ts';
import { bundleRootCommand } from './bundle-root.ts';
import { prepareDevice } from './prepare.ts';

/** Bundles are made for a roll-out, not for a shelf. */
const BUNDLE_DAYS = 365;

interface MakeOptions {
  readonly profile?: string;
  readonly siteFile?: string;
  readonly prepared?: string;
  readonly site: string;
  readonly device: string;
  readonly generation: number;
  readonly root: string;
  readonly agent: string;
  readonly days: number;
  readonly firmware: ReadonlyMap<string, string>;
}

interface VerifyOptions {
  readonly root?: string;
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
    .requiredOption('--root <file>', 'the root that is trusted')
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
  return new Command('make')
    .argument('<out>', 'the bundle to write')
    .description('put profile, voice and firmware of a device into one file, still to be signed')
    .option('--profile <file>', 'the profile; its voice is rendered here')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--prepared <dir>', 'instead of a profile: a folder that `prepare` has left')
    .requiredOption('--site <id>', 'the site')
    .requiredOption('--device <id>', 'the device it is for')
    .requiredOption('--generation <number>', 'higher than any before it', number)
    .requiredOption('--root <file>', 'who may sign it')
    .option('--agent <range>', 'versions of the agent that can run it', thisMinor())
    .option('--days <days>', 'how long it may be installed', number, BUNDLE_DAYS)
    .option('--firmware <board=file>', 'Intel HEX for a board of the profile', board, new Map())
    .action(make);
}

/** What this version can run: the same minor, and its patches. */
function thisMinor(): string {
  const [major = '0', minor = '0'] = readVersion().split('.');
  return `>=${major}.${minor}.0 <${major}.${Number(minor) + 1}.0`;
}

function board(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name = '', ...file] = text.split('=');
  return new Map([...before, [name, file.join('=')]]);
}

async function makeKey(name: string, options: PassphraseOption): Promise<void> {
  const keyId = await writeSigningKey(name, passphraseOf(options));
  process.stdout.write(`${name}.key and ${name}.pub: key ${short(keyId)}\n`);
}

async function make(out: string, options: MakeOptions): Promise<void> {
  const { site, device, generation, agent, days, firmware } = options;
  await refuseExisting(out);
  const chain = readChain(options.root);
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

async function withPrepared(
  { profile, prepared, siteFile, device }: MakeOptions,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  if ((profile === undefined) === (prepared === undefined)) {
    throw new WatchpostError('WP5024', { detail: 'give either --profile or --prepared' });
  }
  if (prepared !== undefined) return use(prepared);
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-bundle-'));
  try {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const site = siteFile === undefined ? {} : { siteFile };
    await prepareDevice({ profile: profile ?? '', device, dataDir, clips: null, say, ...site });
    await use(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
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

async function verify(file: string, { root, device, agent, json }: VerifyOptions): Promise<void> {
  const trusted: RootDocument = newestOf(readChain(root ?? ''));
  const clock = { quality: 'synced', nowMs: Date.now() } as const;
  const expected = { root: trusted, device: device ?? null, agent: agent ?? null, floor: null, clock };
  const { manifest } = await withBundleFile(file, (reader) => verifyBundle(reader, expected));
  const { generation, digest, contentBytes, parts } = manifest;
  const said = { device: manifest.device, generation, agent: manifest.agent, digest, contentBytes };
  if (json) process.stdout.write(`${JSON.stringify({ ok: true, ...said, parts: parts.length })}\n`);
  else
    process.stdout.write(
      `ok: ${manifest.device} generation ${generation}, ${contentBytes} bytes, ${digest}\n`,
    );
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
