import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { contentFolder } from '#agent/profile/slots/slot-content.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import type { Slot } from '#agent/profile/slots/superblock.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Patient } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { thisMachine } from '../doctor/machine.ts';
import { reportLines } from '../doctor/report.ts';
import { resolved, type SiteOptions } from '../profiles/sources.ts';

interface DoctorOptions extends SiteOptions {
  readonly card?: string;
  readonly site?: string;
  readonly data?: string;
  readonly profile?: string;
  readonly broker?: string;
  readonly identity?: string;
  readonly siteUrl?: string;
  readonly json?: true;
}

/** `watchpost doctor`: looks at a device, or at a laptop that is to become one, and changes nothing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .option('--card <dir>', 'the folder of a device that provision has made, or its mounted card')
    .option('--site <dir>', 'the folder of a site that site init has made')
    .option('--data <dir>', 'the folder of a device')
    .option('--profile <file>', 'what this machine is to be; default: the profile in the device’s folder')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--device <id>', 'which device of the site file')
    .option('--broker <urls>', 'mqtt://host:port or mqtts://host:port; several with commas')
    .option('--identity <dir>', 'key.pem, cert.pem and ca.pem of the device')
    .option('--site-url <url>', 'http://host:port of the site, whose clock is asked')
    .option('--json', 'print a line of JSON for each finding')
    .addHelpText('after', '\nExit code: 0 nothing failed, 1 something failed, 2 wrong use.')
    .action(diagnose);
}

async function diagnose(options: DoctorOptions): Promise<void> {
  const patient = await patientOf(options);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const findings = await examine(patient, (finding) => {
    if (options.json) print(JSON.stringify(finding));
  });
  if (!options.json) for (const line of reportLines(findings)) print(line);
  if (findings.some(({ result }) => result === 'failed')) process.exitCode = 1;
}

async function patientOf(options: DoctorOptions): Promise<Patient> {
  const { card, site, data, broker, identity, siteUrl, ...rest } = options;
  if (siteUrl !== undefined && !/^https?:$/.test(URL.parse(siteUrl)?.protocol ?? ''))
    throw new WatchpostError('WP5024', { detail: `--site-url ${siteUrl} is not http:// or https://` });
  const onCard = card === undefined ? null : await cardParts(resolve(card));
  const dataDir = data === undefined ? (onCard?.dataDir ?? null) : resolve(data);
  const named = (broker ?? '').split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()]));
  return {
    machine: thisMachine,
    dataDir,
    profile: profileOf(
      onCard?.profileFile ?? (dataDir === null ? null : join(dataDir, 'profile.json')),
      rest,
    ),
    brokers: broker === undefined ? (onCard?.brokers ?? []) : named,
    identityDir: identity === undefined ? (onCard?.identityDir ?? null) : resolve(identity),
    siteUrl: siteUrl ?? null,
    cardDir: onCard?.cardDir ?? null,
    siteDir: site === undefined ? null : resolve(site),
  };
}

/** What its own facts say of a device's folder. Rejects with WP4211. */
async function cardParts(cardDir: string) {
  const { brokers } = readCard(cardDir);
  const slots = join(cardDir, CARD.slots);
  const slot = await runningSlot(slots);
  return {
    ...{ cardDir, brokers, dataDir: join(cardDir, CARD.data), identityDir: join(cardDir, CARD.identity) },
    profileFile: slot === null ? null : join(slots, contentFolder(slot), PROFILE_PART),
  };
}

async function runningSlot(slots: string): Promise<Slot | null> {
  try {
    const { confirmed, trial } = await new SlotStore(new FileDisk(slots)).state();
    return trial?.slot ?? confirmed;
  } catch (error) {
    // The check on the slots says what is wrong with them.
    if (error instanceof WatchpostError) return null;
    throw error;
  }
}

function profileOf(
  own: string | null,
  { profile, ...site }: SiteOptions & { profile?: string },
): DeviceProfile | null {
  if (profile !== undefined) return resolved(resolve(profile), site).profile;
  return own !== null && existsSync(own) ? resolved(own, {}).profile : null;
}
