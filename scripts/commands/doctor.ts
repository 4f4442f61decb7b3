import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Patient } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { thisMachine } from '../doctor/machine.ts';
import { reportLines } from '../doctor/report.ts';
import { resolved, type SiteOptions } from '../profiles/sources.ts';

interface DoctorOptions extends SiteOptions {
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
  const patient = patientOf(options);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const findings = await examine(patient, (finding) => {
    if (options.json) print(JSON.stringify(finding));
  });
  if (!options.json) for (const line of reportLines(findings)) print(line);
  if (findings.some(({ result }) => result === 'failed')) process.exitCode = 1;
}

function patientOf({ data, broker, identity, siteUrl, ...options }: DoctorOptions): Patient {
  if (siteUrl !== undefined && !/^https?:$/.test(URL.parse(siteUrl)?.protocol ?? ''))
    throw new WatchpostError('WP5024', { detail: `--site-url ${siteUrl} is not http:// or https://` });
  const dataDir = data === undefined ? null : resolve(data);
  return {
    machine: thisMachine,
    dataDir,
    profile: profileOf(dataDir, options),
    brokers: (broker ?? '').split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()])),
    identityDir: identity === undefined ? null : resolve(identity),
    siteUrl: siteUrl ?? null,
  };
}

function profileOf(
  dataDir: string | null,
  { profile, ...site }: SiteOptions & { profile?: string },
): DeviceProfile | null {
  if (profile !== undefined) return resolved(resolve(profile), site).profile;
  const own = dataDir === null ? null : join(dataDir, 'profile.json');
  return own !== null && existsSync(own) ? resolved(own, {}).profile : null;
}
