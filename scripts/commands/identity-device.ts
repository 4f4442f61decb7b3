import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { hasTpm, unsealKey } from '#agent/installer/identity/tpm.ts';
import { systemClock } from '#contract/clock.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { makeRoom, nameCard } from '../site-authority/device-card.ts';
import { DeviceFolder } from '../site-authority/device-folder.ts';
import { FolderHolder } from '../site-authority/key-holder.ts';
import { IdentityInstall } from '../site-authority/remote-card.ts';

interface DeviceOptions {
  readonly card: string;
  readonly siteName: string;
}

interface RequestOptions extends DeviceOptions {
  readonly key: 'auto' | 'file' | 'tpm';
  readonly replace?: true;
}

/** `watchpost identity request|install`: what `provision … --to ssh://…` asks of the device itself. */
export function addDeviceCommands(identity: Command): void {
  onDevice(identity, 'request', 'on a device: make its key, and print the request for its certificate (JSON)')
    .addOption(
      new Option('--key <where>', 'where the key is to lie').choices(['auto', 'file', 'tpm']).default('auto'),
    )
    .option('--replace', 'in the place of one that is there')
    .action(request);
  onDevice(identity, 'install', 'on a device: take its certificate (JSON on standard input)').action(install);
}

const onDevice = (identity: Command, name: string, about: string): Command =>
  identity
    .command(name)
    .description(about)
    .argument('<device>', 'its name')
    .requiredOption('--site-name <name>', 'the site’s name')
    .requiredOption('--card <dir>', 'the device’s folder')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.');

async function request(
  device: string,
  { card, siteName: site, key, replace }: RequestOptions,
): Promise<void> {
  process.umask(0o077);
  const keyIn = key === 'auto' ? (hasTpm() ? 'tpm' : 'file') : key;
  new DeviceFolder(card).make();
  const holder = new FolderHolder(card, { site, device });
  await holder.check(replace === true ? 'replace' : 'refuse');
  const csr = await holder.request(keyIn);
  process.stdout.write(`${JSON.stringify({ csr, keyIn })}\n`);
}

async function install(device: string, { card, siteName: site }: DeviceOptions): Promise<void> {
  process.umask(0o077);
  const sent = readSent(await text(process.stdin));
  const { serial, certificate, ca, brokers, roots } = sent;
  const folder = new DeviceFolder(card);
  await requireOwnKey(folder, certificate);
  await makeRoom({ to: card, chain: { roots } });
  await new FolderHolder(card, { site, device }).install({ serial, certificate, ca });
  nameCard({ to: card, address: { site, device }, brokers, nowMs: systemClock.wallMs() });
  process.stdout.write(`${JSON.stringify({ serial, identity: join(card, CARD.identity) })}\n`);
}

function readSent(said: string): IdentityInstall {
  try {
    return IdentityInstall.parse(JSON.parse(said));
  } catch (cause) {
    throw new WatchpostError('WP4422', { detail: 'what was sent cannot be read', cause });
  }
}

/** It is for the key that waits here, which can be opened. Rejects with WP4422 or WP4424. */
async function requireOwnKey({ draft }: DeviceFolder, certificate: string): Promise<void> {
  const [file, sealed] = [join(draft, 'key.pem'), join(draft, 'key.sealed')];
  if (!existsSync(file) && !existsSync(sealed)) {
    throw new WatchpostError('WP4422', { detail: 'no key waits for it' });
  }
  const key = existsSync(sealed) ? await unsealKey(sealed) : readFileSync(file);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new WatchpostError('WP4422', { detail: 'it is for another key' });
  }
}
