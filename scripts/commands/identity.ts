import { Command, Option } from 'commander';
import { systemClock } from '#contract/clock.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../site-authority/certificates.ts';
import { enrol } from '../site-authority/enrol.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from '../site-authority/place-options.ts';
import { printLabel } from '../site-authority/print-label.ts';
import { type IssuedCertificate, Register } from '../site-authority/register.ts';
import { revokeDevice } from '../site-authority/revoke.ts';
import { readSiteSettings, siteFile } from '../site-authority/site-files.ts';

interface Common {
  readonly site: string;
  readonly json?: true;
}

const EXIT_CODES = '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.';
const REASONS = Object.keys(REVOCATION_REASONS);

/** `watchpost identity …`: what a site has issued, and taking it back. */
export function identityCommand(): Command {
  const command = new Command('identity').description('list the certificates of a site, and take them back');
  onSite(command, 'list', 'what was issued, oldest first').action(list);
  onSite(command, 'revoke', 'let a device in no more, and end its connection within ten seconds')
    .argument('<device>')
    .addOption(new Option('--reason <reason>', 'why, for the list').choices(REASONS).default('lost'))
    .action(revoke);
  addPlaceOptions(onSite(command, 'register', 'tell the broker what a device is and where it stands now'))
    .argument('<device>')
    .action(register);
  return command;
}

async function register(device: string, options: Common & PlaceOptions): Promise<void> {
  const { site: siteDir, role: roles = ['pillar'], json } = options;
  const place = placeOf(options);
  const label = await enrol({ siteDir, device, place, roles, clock: systemClock });
  const labels = await printLabel(siteDir, label);
  const said = `the broker knows ${device} as ${roles.join(', ')} at ${place.label}; label: ${labels.join(', ')}`;
  process.stdout.write(json ? `${JSON.stringify({ device, place, roles, labels })}\n` : `${said}\n`);
}

function onSite(command: Command, name: string, about: string): Command {
  return command
    .command(name)
    .description(about)
    .requiredOption('--site <dir>', 'the site’s folder')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXIT_CODES);
}

function list({ site, json }: Common): void {
  readSiteSettings(site);
  const issued = new Register(siteFile(site, 'register'));
  issued.open();
  try {
    for (const certificate of issued.list()) say(certificate, json);
  } finally {
    issued.close();
  }
}

async function revoke(device: string, { site, reason, json }: Common & { reason: RevocationReason }) {
  const { name, revoked, listed } = await revokeDevice({ siteDir: site, device, reason, clock: systemClock });
  const what = revoked === 0 ? `${name} had nothing that was good any more` : `${name} is let in no more`;
  process.stdout.write(
    json
      ? `${JSON.stringify({ name, revoked, listed })}\n`
      : `${what}; ${listed} on the list, which the broker reads within ten seconds\n`,
  );
}

function say(issued: IssuedCertificate, json: true | undefined): void {
  const { serial, kind, name, toMs, revokedMs, reason, issuedBy } = issued;
  const until = new Date(toMs).toISOString();
  const ended = toMs < systemClock.wallMs() ? `ended ${until}` : `until ${until}`;
  const standing = revokedMs === null ? ended : `revoked ${new Date(revokedMs).toISOString()}, ${reason}`;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...issued, until, revokedAt: isoOf(revokedMs) })}\n`
      : `${name}  ${kind}  ${standing}  by ${issuedBy}  ${serial}\n`,
  );
}

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
