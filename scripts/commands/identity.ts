import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../site-authority/certificates.ts';
import { enrol } from '../site-authority/enrol.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from '../site-authority/place-options.ts';
import { printLabel } from '../site-authority/print-label.ts';
import { type IssuedCertificate, Register } from '../site-authority/register.ts';
import { type Renewal, renewDevices } from '../site-authority/renew-devices.ts';
import { renewOwn } from '../site-authority/renew-own.ts';
import { revokeDevice } from '../site-authority/revoke.ts';
import { readSiteSettings, siteFile } from '../site-authority/site-files.ts';
import { addDeviceCommands } from './identity-device.ts';

interface Common {
  readonly site: string;
  readonly json?: true;
}

const EXIT_CODES = '\nExit codes: 0 done, 1 failed or refused, 2 wrong use.';
/** What comes in late is seen within the hour. */
const WATCH_EVERY_MS = 3_600_000;
const REASONS = Object.keys(REVOCATION_REASONS);

/** `watchpost identity …`: what a site has issued, and taking it back. */
export function identityCommand(): Command {
  const command = new Command('identity').description(
    'list the certificates of a site, renew them, and take them back',
  );
  onSite(command, 'list', 'what was issued, oldest first').action(list);
  onSite(command, 'revoke', 'let a device in no more, and end its connection within ten seconds')
    .argument('<device>')
    .addOption(new Option('--reason <reason>', 'why, for the list').choices(REASONS).default('lost'))
    .action(revoke);
  onSite(command, 'renew', 'new keys and certificates for devices whose end is near, while they run')
    .argument('[device...]', 'these, whenever theirs end')
    .option('--within <days>', 'what ends within so many days', withinDays, 30)
    .option('--watch', 'look again every hour, until told to stop')
    .action(renew);
  addPlaceOptions(onSite(command, 'register', 'tell the broker what a device is and where it stands now'))
    .argument('<device>')
    .action(register);
  addDeviceCommands(command);
  return command;
}

interface RenewOptions extends Common {
  readonly within: number;
  readonly watch?: true;
}

async function renew(devices: readonly string[], options: RenewOptions): Promise<void> {
  if (options.watch === undefined) return renewOnce(devices, options);
  for (;;) {
    try {
      await renewOnce(devices, options);
    } catch (error) {
      // Such as a broker that does not run just now: the next hour is another.
      if (!(error instanceof WatchpostError) || !error.retryable) throw error;
      process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
    }
    await wait(systemClock, WATCH_EVERY_MS);
  }
}

async function renewOnce(devices: readonly string[], { site: siteDir, within, json }: RenewOptions) {
  const common = { siteDir, withinDays: within, by: userInfo().username, clock: systemClock };
  for (const what of await renewOwn(common)) sayLine(json, { renewed: what }, `renewed ${what}`);
  const done = await renewDevices({ ...common, devices: devices.length === 0 ? null : devices });
  for (const renewal of done) sayRenewal(renewal, json);
  if (done.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

const OUTCOMES: Record<Renewal['outcome'], string> = {
  renewed: 'has a new key and certificate; the one before is taken back',
  settled: 'has come in with its new certificate; the one before is taken back',
  'not-due': 'is good still',
  away: 'is not connected: the next run tries again',
  waits: 'has its new certificate and takes it into use when no alarm is open; the next run looks',
  failed: 'could not be renewed',
};

function sayRenewal({ error, ...renewal }: Renewal, json: true | undefined): void {
  const { device, outcome, expiresAt } = renewal;
  const why = error === null ? {} : { code: error.code, message: error.message };
  sayLine(json, { ...renewal, ...why }, `${device} ${OUTCOMES[outcome]}; until ${expiresAt.slice(0, 10)}`);
  if (error !== null && json === undefined) process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
}

const sayLine = (json: true | undefined, fields: object, line: string): void =>
  void process.stdout.write(json ? `${JSON.stringify(fields)}\n` : `${line}\n`);

function withinDays(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 3_650) return count;
  throw new InvalidArgumentError('Use 1 to 3650.');
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
