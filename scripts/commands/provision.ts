import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceRole } from '#contract/http.ts';
import { type DeviceAddress, NAME_PATTERN } from '#contract/names.ts';
import { type ProfileChoice, withPreparedProfile } from '../bundle/prepared.ts';
import { sshPlaceOf } from '../remote/ssh.ts';
import { readBundleRoot } from '../site-authority/bundle-keys.ts';
import { LIFE_DAYS } from '../site-authority/dates.ts';
import { brokersAt } from '../site-authority/device-card.ts';
import { IDENTITY } from '../site-authority/device-folder.ts';
import { enrol } from '../site-authority/enrol.ts';
import { CardHolder, type KeyHolder } from '../site-authority/key-holder.ts';
import { BUNDLE_DAYS, type MadeBundle, makeNextBundle, thisMinor } from '../site-authority/next-bundle.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from '../site-authority/place-options.ts';
import { printLabel } from '../site-authority/print-label.ts';
import { checkIdentity, makeIdentity } from '../site-authority/provision.ts';
import { RemoteHolder } from '../site-authority/remote-card.ts';
import { readSiteSettings } from '../site-authority/site-files.ts';
import { type Firmware, firmwareOption } from './firmware-option.ts';

interface Options extends PlaceOptions {
  readonly site: string;
  readonly to: string;
  readonly days: number;
  readonly broker?: string[];
  readonly profile?: string;
  readonly siteFile?: string;
  readonly firmware: Firmware;
  readonly key: 'auto' | 'file' | 'tpm';
  readonly sshOption: string[];
  readonly remoteProgram: string;
  readonly replace?: true;
  readonly json?: true;
}

/** `watchpost provision DEVICE`: gives a device its key and certificate, its folder, and its first bundle. */
export function provisionCommand(): Command {
  const command = new Command('provision').description(
    'give a device its key and certificate, the folder it runs from, and its next bundle',
  );
  return addPlaceOptions(command)
    .argument('<device>', 'its name, 1 to 32 of a-z, 0-9 and -', deviceName)
    .requiredOption('--site <dir>', 'the site’s folder, which site init has made')
    .requiredOption(
      '--to <dir>',
      'the device’s folder (made if need be), its mounted card, or ssh://user@host/DIR: the key is made there and stays',
    )
    .option('--profile <file>', 'also make and sign the device’s next bundle from this profile')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--firmware <board=file>', 'Intel HEX for a board of the profile', firmwareOption, new Map())
    .option('--broker <url...>', 'where the device calls the broker (else every host of the site, port 8883)')
    .option('--days <n>', 'how long the certificate is good', days, LIFE_DAYS.device)
    .addOption(
      new Option(
        '--key <where>',
        'where the key lies; auto: sealed by the TPM of a device that is reached by ssh',
      )
        .choices(['auto', 'file', 'tpm'])
        .default('auto'),
    )
    .option('--ssh-option <option...>', 'for ssh, as its -o', [])
    .option('--remote-program <name>', 'how Watchpost is called there', 'watchpost')
    .option('--replace', 'in the place of one that is there; the old certificate is taken back')
    .option('--json', 'print one JSON line')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.')
    .action(provision);
}

async function provision(device: string, options: Options): Promise<void> {
  const { site: siteDir, to, days, replace, json } = options;
  const existing = replace === true ? 'replace' : 'refuse';
  const { site, hosts } = readSiteSettings(siteDir);
  const brokers = options.broker ?? brokersAt(hosts);
  const holder = holderOf({ site, device }, brokers, options);
  const by = userInfo().username;
  const wanted = { siteDir, device, to: holder, days, existing, by, clock: systemClock } as const;
  await checkIdentity(wanted);
  const roles = rolesOf(device, options);
  const bundle = await bundleOf(device, options);
  const { serial, expiresAt } = await makeIdentity(wanted);
  const label = await enrol({ siteDir, device, place: placeOf(options), roles, clock: systemClock });
  const labels = await printLabel(siteDir, label);
  const lines = [
    `${site}.${device} has its key and certificate in ${to.replace(/\/$/, '')}/${IDENTITY}, until ${expiresAt.slice(0, 10)}`,
    `  it calls ${brokers.join(', ')}`,
    `  the broker knows it as ${roles.join(', ')} at ${options.place}`,
    ...(labels.length === 0 ? [] : [`  its label: ${labels.join(', ')}`]),
    ...bundleLines(bundle, { siteDir, device, to }),
  ];
  const said = { site, device, serial, expiresAt, brokers, labels, ...(bundle === null ? {} : { bundle }) };
  process.stdout.write(json ? `${JSON.stringify(said)}\n` : `${lines.join('\n')}\n`);
}

/** Here, or on the device itself. */
function holderOf(address: DeviceAddress, brokers: readonly string[], options: Options): KeyHolder {
  const { site, to, key, sshOption, remoteProgram } = options;
  const common = { address, brokers, chain: readBundleRoot(site), nowMs: systemClock.wallMs() };
  const place = sshPlaceOf(to);
  if (place === null) return new CardHolder({ ...common, to, keyIn: key === 'tpm' ? 'tpm' : 'file' });
  return new RemoteHolder({ ...common, place, sshOptions: sshOption, program: remoteProgram, keyIn: key });
}

/** What its profile says, looked at before anything is made; with none, a pillar. Throws WP4001–WP4009. */
function rolesOf(device: string, options: Options): readonly DeviceRole[] {
  const choice = choiceOf(device, options);
  if (choice === null) return options.role ?? ['pillar'];
  const { profile: file, ...over } = choice;
  const { profile } = resolveProfile({ file, drivers: DRIVER_SCHEMAS, ...over });
  return options.role ?? [profile.kind];
}

async function bundleOf(device: string, options: Options): Promise<MadeBundle | null> {
  const choice = choiceOf(device, options);
  if (choice === null) return null;
  const { site: siteDir, firmware } = options;
  const made = { siteDir, device, firmware, agent: thisMinor(), days: BUNDLE_DAYS };
  return withPreparedProfile(choice, (prepared) =>
    makeNextBundle({ ...made, prepared, by: userInfo().username, clock: systemClock }),
  );
}

function choiceOf(device: string, options: Options): ProfileChoice | null {
  const { profile, siteFile } = options;
  if (profile === undefined) {
    if (siteFile === undefined) return null;
    throw new WatchpostError('WP5024', { detail: '--site-file goes with --profile' });
  }
  const over = siteFile === undefined ? {} : { siteFile: resolve(siteFile) };
  return { profile: resolve(profile), device, said: { place: placeOf(options) }, ...over };
}

interface Whereabouts {
  readonly siteDir: string;
  readonly device: string;
  readonly to: string;
}

function bundleLines(bundle: MadeBundle | null, { siteDir, device, to }: Whereabouts): readonly string[] {
  if (bundle === null) {
    return [`next: scripts/watchpost bundle make --site-dir ${siteDir} --device ${device} --profile FILE`];
  }
  const { file, generation, signatures, threshold } = bundle;
  const flash = `next: scripts/watchpost flash ${file} --to ${to}`;
  const made = `  its bundle, generation ${generation}, signed by ${signatures} of ${threshold}: ${file}`;
  if (signatures >= threshold) return [made, flash];
  return [
    made,
    `next: scripts/watchpost bundle sign ${file} --key NAME.key; when enough have signed:`,
    flash,
  ];
}

function deviceName(text: string): string {
  if (NAME_PATTERN.test(text)) return text;
  throw new InvalidArgumentError('Use 1 to 32 of a-z, 0-9 and -.');
}

function days(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 3_650) return count;
  throw new InvalidArgumentError('Use 1 to 3650.');
}
