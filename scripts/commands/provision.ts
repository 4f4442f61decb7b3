import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '#contract/clock.ts';
import { NAME_PATTERN } from '#contract/names.ts';
import { LIFE_DAYS } from '../site-authority/dates.ts';
import { IDENTITY } from '../site-authority/device-folder.ts';
import { enrol } from '../site-authority/enrol.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from '../site-authority/place-options.ts';
import { printLabel } from '../site-authority/print-label.ts';
import { makeIdentity } from '../site-authority/provision.ts';

interface Options extends PlaceOptions {
  readonly site: string;
  readonly to: string;
  readonly days: number;
  readonly replace?: true;
  readonly json?: true;
}

/** `watchpost provision DEVICE`: gives a device its key and certificate. */
export function provisionCommand(): Command {
  const command = new Command('provision').description('give a device its key and certificate');
  return addPlaceOptions(command)
    .argument('<device>', 'its name, 1 to 32 of a-z, 0-9 and -', deviceName)
    .requiredOption('--site <dir>', 'the site’s folder, which site init has made')
    .requiredOption(
      '--to <dir>',
      'the device’s folder, or its mounted card: the key is made there and stays there',
    )
    .option('--days <n>', 'how long the certificate is good', days, LIFE_DAYS.device)
    .option('--replace', 'in the place of one that is there; the old certificate is taken back')
    .option('--json', 'print one JSON line')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.')
    .action(provision);
}

async function provision(device: string, options: Options): Promise<void> {
  const { site: siteDir, to, days, replace, role: roles, json } = options;
  const existing = replace === true ? 'replace' : 'refuse';
  const by = userInfo().username;
  const made = await makeIdentity({ siteDir, device, to, days, existing, by, clock: systemClock });
  const { site, hosts, serial, expiresAt } = made;
  const label = await enrol({ siteDir, device, place: placeOf(options), roles, clock: systemClock });
  const labels = await printLabel(siteDir, label);
  const lines = [
    `${site}.${device} has its key and certificate in ${join(to, IDENTITY)}, until ${expiresAt.slice(0, 10)}`,
    `  the broker knows it as ${roles.join(', ')} at ${options.place}`,
    ...(labels.length === 0 ? [] : [`  its label: ${labels.join(', ')}`]),
    `next: scripts/watchpost agent --site ${site} --device ${device} --identity ${join(to, IDENTITY)} --broker mqtts://${hosts[0]}:8883 …`,
  ];
  process.stdout.write(
    json ? `${JSON.stringify({ site, device, serial, expiresAt, labels })}\n` : `${lines.join('\n')}\n`,
  );
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
