import { userInfo } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '#contract/clock.ts';
import { readPublicKey } from '../bundle/key-file.ts';
import { readNewPassword, readSecretLine } from '../people/secret-input.ts';
import { issueServerFiles, makeSite, requireHosts } from '../site-authority/make-site.ts';
import { Register } from '../site-authority/register.ts';
import { reissue, retire, type TopWork } from '../site-authority/reissue.ts';
import { readSiteSettings, siteFile } from '../site-authority/site-files.ts';
import { updateSite } from '../site-authority/update-site.ts';
import { number } from './bundle-numbers.ts';

const EXIT_CODES = '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.';
const TERMINAL = { input: process.stdin, output: process.stderr };

/** `watchpost site …`: makes a site with its authorities, and renews the broker's certificate. */
export function siteCommand(): Command {
  const command = new Command('site').description(
    'make a site with its keys, and renew the broker’s certificate',
  );
  command
    .command('init')
    .description('make a site; asks for the passphrase of its top key, or reads a line of standard input')
    .argument('<name>', 'the site’s name, 1 to 32 of a-z, 0-9 and -')
    .requiredOption('--data <dir>', 'a new folder for the site')
    .requiredOption('--host <host...>', 'names and addresses by which devices call the broker')
    .option('--signer <file...>', 'public keys (NAME.pub) of others who may sign bundles', [])
    .option('--threshold <count>', 'how many must sign a bundle, the site’s own key among them', number, 1)
    .option('--json', 'print one JSON line')
    .addHelpText('after', EXIT_CODES)
    .action(init);
  command
    .command('renew')
    .description('give the broker a new key and certificate, which it takes into use without a restart')
    .requiredOption('--data <dir>', 'the site’s folder')
    .option('--host <host...>', 'other names and addresses than until now')
    .option('--json', 'print one JSON line')
    .addHelpText('after', EXIT_CODES)
    .action(renew);
  command
    .command('update')
    .description(
      'give a site that an earlier version has made what it lacks; asks for the passphrase of its top key',
    )
    .requiredOption('--data <dir>', 'the site’s folder')
    .option('--json', 'print one JSON line')
    .addHelpText('after', EXIT_CODES)
    .action(update);
  onTop(
    command,
    'reissue',
    'another issuing authority below the same top; devices keep theirs until they are renewed',
  ).action(reissueCommand);
  onTop(
    command,
    'retire',
    'take the issuing authorities before the present one back, with all that they issued',
  )
    .option('--lost', 'also where devices depend on them: somebody else has the key')
    .action(retireCommand);
  return command;
}

interface TopOptions {
  readonly data: string;
  readonly lost?: true;
  readonly json?: true;
}

const onTop = (command: Command, name: string, about: string): Command =>
  command
    .command(name)
    .description(`${about}; asks for the passphrase of the top key`)
    .requiredOption('--data <dir>', 'the site’s folder')
    .option('--json', 'print one JSON line')
    .addHelpText('after', EXIT_CODES);

async function topWork(data: string): Promise<TopWork> {
  process.umask(0o077);
  const { site } = readSiteSettings(data);
  const passphrase = await readSecretLine(`Passphrase of the top key of ${site}: `, TERMINAL);
  return { dir: data, passphrase, by: userInfo().username, clock: systemClock };
}

async function reissueCommand({ data, json }: TopOptions): Promise<void> {
  const made = await reissue(await topWork(data));
  const names = made.devices.map((name) => name.split('.')[1] ?? name);
  say(json, { ...made }, [
    `a new issuing authority, until ${made.expiresAt.slice(0, 10)}; the broker has a certificate of it already`,
    ...(names.length === 0
      ? []
      : [`next: scripts/watchpost identity renew ${names.join(' ')} --site ${data}`]),
    `then: scripts/watchpost site retire --data ${data}`,
  ]);
}

async function retireCommand({ data, lost, json }: TopOptions): Promise<void> {
  const { retired, devices } = await retire(await topWork(data), lost === true ? 'lost' : 'exchanged');
  say(json, { retired, devices }, [
    `${retired.length} issuing authorities are taken back; the broker reads it within ten seconds`,
    ...devices.map((name) => `  ${name} is let in no more: scripts/watchpost provision … --replace`),
  ]);
}

interface InitOptions {
  readonly data: string;
  readonly host: string[];
  readonly signer: string[];
  readonly threshold: number;
  readonly json?: true;
}

async function init(site: string, { data, host, signer, threshold, json }: InitOptions): Promise<void> {
  // Also what SQLite makes: hashes of tokens.
  process.umask(0o077);
  const signing = { signers: signer.map(readPublicKey), threshold };
  const passphrase = await readNewPassword(`the top key of ${site}`, TERMINAL);
  const by = userInfo().username;
  const made = await makeSite({ dir: data, site, hosts: host, passphrase, signing, by, clock: systemClock });
  const { supervisorToken, tokenExpiresAt, fingerprint } = made;
  say(json, { site, data, hosts: host, ...made }, [
    `made the site ${site} in ${data}`,
    `  devices call the broker ${host.join(', ')}; SHA-256 of its top certificate:`,
    `  ${fingerprint}`,
    `  the first person is supervisor, until ${tokenExpiresAt.slice(0, 10)} by this token, shown this once:`,
    `  ${supervisorToken}`,
    `  bundles must be signed by ${threshold} of ${signer.length + 1}, one of them is ${siteFile(data, 'signingKey')}`,
    `  keep ${siteFile(data, 'rootKey')}, ${siteFile(data, 'bundleRootKey')} and their passphrase elsewhere, too`,
    `next: scripts/watchpost broker --data ${siteFile(data, 'broker')} --mqtts 0.0.0.0:8883 --http 127.0.0.1:8080`,
  ]);
}

async function update({ data, json }: { data: string; json?: true }): Promise<void> {
  process.umask(0o077);
  const { site } = readSiteSettings(data);
  const passphrase = await readSecretLine(`Passphrase of the top key of ${site}: `, TERMINAL);
  const made = await updateSite({ dir: data, passphrase, by: userInfo().username, clock: systemClock });
  say(json, { site, made }, [made.length === 0 ? `${site} has all it needs` : `made ${made.join(' and ')}`]);
}

async function renew({ data, host, json }: { data: string; host?: string[]; json?: true }): Promise<void> {
  const { site, hosts } = readSiteSettings(data);
  const names = host ?? hosts;
  requireHosts(names);
  const register = new Register(siteFile(data, 'register'));
  register.open();
  try {
    const nowMs = Math.floor(systemClock.wallMs());
    const by = userInfo().username;
    const toMs = await issueServerFiles({ dir: data, site, register, hosts: names, by, nowMs });
    const expiresAt = new Date(toMs).toISOString();
    say(json, { site, hosts: names, expiresAt }, [
      `the broker has a new certificate for ${names.join(', ')}, until ${expiresAt.slice(0, 10)}`,
    ]);
  } finally {
    register.close();
  }
}

const say = (json: true | undefined, fields: object, lines: readonly string[]): void =>
  void process.stdout.write(json ? `${JSON.stringify(fields)}\n` : `${lines.join('\n')}\n`);
