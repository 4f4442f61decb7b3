import { Command } from 'commander';
import { canonicalBytes } from '#contract/bundle/canonical.ts';
import { short } from '#contract/bundle/trust.ts';
import { WatchpostError } from '#contract/errors.ts';
import { refuseExisting } from '../bundle/bundle-file.ts';
import { type PassphraseOption, readPublicKey, readSigningKey } from '../bundle/key-file.ts';
import {
  checkChain,
  groupOf,
  type KeyGroup,
  newestOf,
  type RootChain,
  readChain,
  unsignedRoot,
  withNextRoot,
  withRootSignature,
} from '../bundle/root-chain.ts';
import { PUBLIC_MODE, replaceFile } from '../site-authority/durable-file.ts';
import { daysFromNow, number } from './bundle-numbers.ts';

interface RootOptions {
  readonly rootKey?: readonly string[];
  readonly rootThreshold?: number;
  readonly signingKey?: readonly string[];
  readonly signingThreshold?: number;
  readonly days: number;
}

/** TUF 1.0, 6.1: a root lives long, for it takes people with sticks to exchange it. */
const ROOT_DAYS = 1826;

/** `watchpost bundle root new|next|sign|show FILE`: who may sign bundles, and who may exchange those keys. */
export function bundleRootCommand(): Command {
  const root = new Command('root').description(
    'say which keys may sign: make, exchange, sign and show the root',
  );
  withKeys(root.command('new').argument('<file>', 'the root to write'))
    .description('begin: the first root of a site, still to be signed')
    .action(make);
  withKeys(root.command('next').argument('<file>', 'the root to go on with'))
    .description('exchange keys: one more root; what is left out stays as it is')
    .action(next);
  root
    .command('sign')
    .argument('<file>', 'the root')
    .description('sign the newest root; as many must as the one before and itself ask for')
    .requiredOption('--key <file>', 'a key of the root (NAME.key)')
    .option('--passphrase-file <file>', 'holds the passphrase (else WATCHPOST_PASSPHRASE)')
    .action(sign);
  root
    .command('show')
    .argument('<file>', 'the root')
    .description('print the keys and whether enough have signed')
    .action((file: string) => show(readChain(file)));
  return root;
}

function withKeys(command: Command): Command {
  return command
    .option('--root-key <file...>', 'public keys (NAME.pub) of those who may exchange keys')
    .option('--root-threshold <count>', 'how many of them must sign', number)
    .option('--signing-key <file...>', 'public keys of those who sign bundles')
    .option('--signing-threshold <count>', 'how many of them must sign', number)
    .option('--days <days>', 'how long it is good', number, ROOT_DAYS);
}

async function make(file: string, options: RootOptions): Promise<void> {
  await refuseExisting(file);
  const [root, targets] = [groupFrom(options, 'root'), groupFrom(options, 'signing')];
  if (root === null || targets === null) {
    throw new WatchpostError('WP5024', { detail: 'give --root-key and --signing-key' });
  }
  write(file, { roots: [unsignedRoot(1, { root, targets, expiresMs: daysFromNow(options.days) })] });
}

function next(file: string, options: RootOptions): void {
  const chain = readChain(file);
  const [root, targets] = [groupFrom(options, 'root'), groupFrom(options, 'signing')];
  const plan = { ...(root === null ? {} : { root }), ...(targets === null ? {} : { targets }) };
  write(file, withNextRoot(chain, { ...plan, expiresMs: daysFromNow(options.days) }));
}

async function sign(
  file: string,
  { key, ...options }: PassphraseOption & { readonly key: string },
): Promise<void> {
  const chain = readChain(file);
  write(file, withRootSignature(chain, await readSigningKey(key, options)));
}

/** All keys must sign unless a threshold is given: fewer is somebody's decision. */
function groupFrom(options: RootOptions, role: 'root' | 'signing'): KeyGroup | null {
  const files = role === 'root' ? options.rootKey : options.signingKey;
  const threshold = role === 'root' ? options.rootThreshold : options.signingThreshold;
  if (files === undefined) {
    if (threshold === undefined) return null;
    throw new WatchpostError('WP5024', { detail: `--${role}-threshold goes with --${role}-key` });
  }
  return { keys: files.map(readPublicKey), threshold: threshold ?? files.length };
}

function write(file: string, chain: RootChain): void {
  replaceFile(file, `${canonicalBytes(chain).toString('utf8')}\n`, PUBLIC_MODE);
  show(chain);
}

function show(chain: RootChain): void {
  const newest = newestOf(chain);
  process.stdout.write(`root ${newest.signed.version}, good until ${newest.signed.expires}\n`);
  for (const [role, what] of [
    ['root', 'exchange keys'],
    ['targets', 'sign bundles'],
  ] as const) {
    const { threshold } = groupOf(newest, role);
    const ids = newest.signed.roles[role].keyids.map(short).join(', ');
    process.stdout.write(`  ${threshold} of these ${what}: ${ids}\n`);
  }
  process.stdout.write(
    `  signed by ${newest.signatures.map(({ keyid }) => short(keyid)).join(', ') || 'nobody'}\n`,
  );
  process.stdout.write(`  ${verdictOf(chain)}\n`);
}

function verdictOf(chain: RootChain): string {
  try {
    checkChain(chain);
    return 'in force';
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    return `not in force yet: ${error.message}`;
  }
}
