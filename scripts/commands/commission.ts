import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock, wait } from '#contract/clock.ts';
import { isSimulated, PersonName, type Run } from '#contract/commission/run.ts';
import { COMMISSION_LANGUAGES, type CommissionLanguage, commissionWord } from '#contract/commission/words.ts';
import { WatchpostError } from '#contract/errors.ts';
import { FileHands, readAnswers } from '../commission/answers.ts';
import { conduct } from '../commission/conduct.ts';
import { saveCertificate } from '../commission/files.ts';
import type { Hands } from '../commission/hands.ts';
import { LineTeller } from '../commission/report.ts';
import { SimHands } from '../commission/sim-hands.ts';
import { SiteAccess, siteOfFolder } from '../commission/site-access.ts';
import { trustOf } from '../commission/trust.ts';
import { type Verified, verifyCertificate } from '../commission/verify.ts';

/** How long a device may take to start and call. */
const CALL_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** 128 and SIGINT, as shells count. */
const INTERRUPTED = 130;

interface RunOptions {
  readonly site?: string;
  readonly url?: string;
  readonly by?: string;
  readonly sim?: string;
  readonly answers?: string;
  readonly to?: string;
  readonly remark?: string;
  readonly language: CommissionLanguage;
  readonly json?: true;
}

interface VerifyOptions {
  readonly site?: string;
  readonly ca?: string;
  readonly key?: string;
  readonly device?: string;
  readonly pictures: boolean;
  readonly json?: true;
}

/** `watchpost commission DEVICE`: accepts a device step by step, and has the site sign what was found. */
export function commissionCommand(): Command {
  const command = new Command('commission').description(
    'accept a device, step by step, with a signed certificate',
  );
  reach(command)
    .argument('<device>', 'its name, such as pillar-001')
    .option('--by <name>', 'who does it: stands in the certificate')
    .option('--sim <dir>', 'work simulated hardware itself: the device’s folder, or its card')
    .option('--answers <file>', 'answers from a file (YAML or JSON) instead of asking')
    .option('--remark <text>', 'stands in the certificate')
    .option('--to <dir>', 'where certificate and pictures go (default: commissioning in the site’s folder)')
    .addOption(language())
    .option('--json', 'print only JSON lines')
    .addHelpText('after', `\n${EXITS}`)
    .action(run);
  command
    .command('verify')
    .description('check a certificate, offline: nothing changed, signed by the site, of this device')
    .argument('<file>', 'the .json file that commission wrote')
    .option('--site <dir>', 'the site’s folder: whom to believe')
    .option('--ca <file>', 'or the top certificate of the site')
    .option('--key <fingerprint>', 'or, for a site without an authority, the SHA-256 of its key')
    .option('--device <name>', 'it must be of this one')
    .option('--no-pictures', 'do not look at the pictures')
    .option('--json', 'print one JSON line')
    .action(verify);
  reach(command.command('list'))
    .description('list the runs of a site, newest first')
    .option('--device <name>', 'of this one alone')
    .option('--json', 'print JSON lines')
    .action(list);
  reach(command.command('download'))
    .description('fetch a certificate again')
    .argument('<run>', 'its id, as commission list shows it')
    .option('--to <dir>', 'where it goes', '.')
    .addOption(language())
    .action(download);
  reach(command.command('abandon'))
    .description('end a run without a certificate; test mode ends with it')
    .argument('<device>', 'its name')
    .requiredOption('--by <name>', 'who does it')
    .action(abandon);
  return command;
}

const EXITS = `Exit codes: 0 passed (perhaps with exceptions that somebody answers for), 1 not passed or failed, 2 wrong use.
The run lives in the broker: go on with it in the console or on a phone (HTTP address of the broker, /#commission).`;

const reach = (command: Command): Command =>
  command
    .option('--site <dir>', 'the site’s folder, or its broker’s, on this machine')
    .option('--url <url>', 'or the HTTP address of the broker; the token is taken from WATCHPOST_TOKEN');

const language = (): Option =>
  new Option('--language <tag>', 'of prompts and paper').choices([...COMMISSION_LANGUAGES]).default('en');

async function run(device: string, options: RunOptions): Promise<void> {
  const { sim, answers: file, language, json, remark } = options;
  const answers = file === undefined ? null : readAnswers(file);
  const hands = await handsOf({ sim, answers, language });
  const by = await nameOf(options.by ?? answers?.by, sim);
  const site = new SiteAccess(addressOf(options));
  const teller = new LineTeller(process.stdout, { language, form: json ? 'json' : 'text' });
  const begun = await beginOrGoOn(site, device, by, json);
  teller.begun(begun);
  const unhandle = onInterrupt(begun, json);
  await conduct(begun, { site, hands, teller, by }).finally(unhandle);
  const note = remark ?? answers?.remark;
  const ended = await site.end(begun.id, 'finish', { by, ...(note === undefined ? {} : { remark: note }) });
  teller.ended(ended);
  await deliver(site, ended, options);
  if (ended.result === 'not-passed') throw new WatchpostError('WP4527', { detail: ended.device });
}

/** Whoever gives up at the terminal is told what becomes of the run; answers what ends that. */
function onInterrupt({ device }: Run, json: true | undefined): () => void {
  const stopped = () => {
    if (!json) process.stderr.write(`\n${commissionWord('en', 'warning', 'left', { device })}\n`);
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', stopped);
  return () => void process.off('SIGINT', stopped);
}

/** A run that is open already, from a phone or another terminal, is gone on with. */
async function beginOrGoOn(site: SiteAccess, name: string, by: string, json: true | undefined): Promise<Run> {
  const { id } = await called(site, name, json);
  const [open] = (await site.runs(id)).filter(({ state }) => state === 'open');
  if (open === undefined) return site.begin(id, by);
  if (!json) {
    const { startedBy, startedAt } = open;
    process.stdout.write(`going on with the run that ${startedBy.name} began ${startedAt.slice(0, 16)}\n`);
  }
  return open;
}

/** The device may just be starting. Rejects with WP3404, or goes on where it is known but away. */
async function called(site: SiteAccess, name: string, json: true | undefined): Promise<{ id: string }> {
  const endMs = systemClock.monoMs() + CALL_LIMIT_MS;
  for (let look = 0; ; look += 1) {
    const found = await site.device(name).catch((error: unknown) => {
      if (error instanceof WatchpostError && error.code === 'WP3404') return error;
      throw error;
    });
    const isThere = !(found instanceof WatchpostError);
    if (isThere && found.online) return found;
    if (systemClock.monoMs() > endMs) {
      if (isThere) return found;
      throw found;
    }
    if (look === 0 && !json) process.stdout.write(`waiting for ${name} to call…\n`);
    await wait(systemClock, LOOK_EVERY_MS);
  }
}

async function handsOf({
  sim,
  answers,
  language,
}: {
  sim: string | undefined;
  answers: ReturnType<typeof readAnswers> | null;
  language: CommissionLanguage;
}): Promise<Hands> {
  const others = sim === undefined ? await personAt(language) : new SimHands(resolve(sim), systemClock);
  if (answers !== null) return new FileHands(answers, others);
  if (others === null) throw new WatchpostError('WP4526');
  return others;
}

async function personAt(language: CommissionLanguage): Promise<Hands | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const { PersonHands } = await import('../commission/person-hands.ts');
  return new PersonHands(language);
}

async function nameOf(given: string | undefined, sim: string | undefined): Promise<string> {
  const name = given ?? (sim === undefined ? await askName() : 'simulated hardware');
  const parsed = PersonName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new WatchpostError('WP5024', { detail: '--by: a name of 2 to 80 characters' });
}

async function askName(): Promise<string> {
  if (!process.stdin.isTTY) throw new WatchpostError('WP4526', { hint: 'Say who does it: --by NAME.' });
  const { text } = await import('@clack/prompts');
  const typed = await text({ message: commissionWord('en', 'ui', 'name') });
  if (typeof typed !== 'string') throw new WatchpostError('WP4528');
  return typed;
}

function addressOf({ site, url }: { site?: string | undefined; url?: string | undefined }) {
  if (site !== undefined && url === undefined) return siteOfFolder(site);
  if (site !== undefined || url === undefined) {
    throw new WatchpostError('WP5024', { detail: 'give either --site or --url' });
  }
  return { url: new URL(url).origin, token: process.env.WATCHPOST_TOKEN ?? '' };
}

async function deliver(site: SiteAccess, { id }: Run, { to, site: siteDir, language, json }: RunOptions) {
  const dir = resolve(to ?? (siteDir === undefined ? '.' : join(siteDir, 'commissioning')));
  const saved = await saveCertificate(site, id, { dir, language });
  const verified = await ownVerdict(saved, siteDir);
  if (json) {
    const { json: certificate, pdf, pictures } = saved;
    process.stdout.write(
      `${JSON.stringify({ certificate, pdf, pictures, fingerprint: verified?.fingerprint ?? null })}\n`,
    );
    return;
  }
  const lines = [
    `certificate: ${saved.json}`,
    ...(saved.pdf === null ? [`no PDF: ${saved.trouble?.message ?? ''}`] : [`  on paper:  ${saved.pdf}`]),
    verified === null
      ? '  not verified here: give --site to have it checked'
      : `  verified: signed by ${verified.signer?.replace(/^CN=/, '') ?? `key ${verified.fingerprint}`}`,
    `next: scripts/watchpost commission verify ${saved.json} ${siteDir === undefined ? '--ca FILE' : `--site ${siteDir}`}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Whoever has the site's folder sees at once whether what was signed can be verified. */
async function ownVerdict(
  { text, pictures }: { text: string; pictures: string },
  siteDir: string | undefined,
): Promise<Verified | null> {
  if (siteDir === undefined) return null;
  return verifyCertificate(text, trustOf({ site: siteDir }), { device: null, pictures });
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const { device = null, pictures, json } = options;
  const text = readText(file);
  const verified = await verifyCertificate(text, trustOf(options), {
    ...{ device, pictures: pictures ? join(dirname(file), 'pictures') : null },
  });
  const { certificate, signer, fingerprint } = verified;
  if (json) {
    const { site, device: of, result, finishedAt, steps } = certificate;
    const told = { site, device: of, result, simulated: isSimulated(steps), finishedAt, signer, fingerprint };
    process.stdout.write(`${JSON.stringify({ ok: true, ...told })}\n`);
    return;
  }
  const excepted = certificate.steps.filter(({ state }) => state !== 'passed');
  const lines = [
    `ok: ${certificate.site}.${certificate.device}, ${commissionWord('en', 'result', certificate.result)}`,
    ...(isSimulated(certificate.steps) ? [`  ${commissionWord('en', 'result', 'simulated')}`] : []),
    `  finished ${certificate.finishedAt} by ${certificate.finishedBy.name}`,
    `  signed by ${signer?.replace(/^CN=/, '') ?? 'a key that you vouch for'}, SHA-256 ${fingerprint}`,
    ...excepted.map(
      ({ id, state, reason, by }) =>
        `  ${id}: ${state}${reason === null ? '' : `, ${reason} (${by?.name ?? ''})`}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WatchpostError('WP4517', {
      detail: `${file}: ${existsSync(file) ? 'not readable' : 'is not there'}`,
      cause,
    });
  }
}

async function list(options: { device?: string; json?: true; site?: string; url?: string }): Promise<void> {
  const site = new SiteAccess(addressOf(options));
  const device = options.device === undefined ? null : (await site.device(options.device)).id;
  for (const run of await site.runs(device)) {
    const { id, device: of, startedAt, startedBy, state, result } = run;
    const line = options.json
      ? JSON.stringify({ id, device: of, startedAt, by: startedBy.name, state, result })
      : `${id}  ${startedAt.slice(0, 16)}  ${of}  ${result ?? state}  ${startedBy.name}`;
    process.stdout.write(`${line}\n`);
  }
}

async function download(
  id: string,
  options: { to: string; language: CommissionLanguage; site?: string; url?: string },
): Promise<void> {
  const site = new SiteAccess(addressOf(options));
  const { json, pdf, trouble } = await saveCertificate(site, id, {
    dir: options.to,
    language: options.language,
  });
  process.stdout.write(`${json}\n${pdf ?? `no PDF: ${trouble?.message ?? ''}`}\n`);
}

async function abandon(name: string, options: { by: string; site?: string; url?: string }): Promise<void> {
  const site = new SiteAccess(addressOf(options));
  const { id } = await site.device(name);
  const [open] = (await site.runs(id)).filter(({ state }) => state === 'open');
  if (open === undefined) throw new WatchpostError('WP4501', { detail: `${id} has no open run` });
  await site.end(open.id, 'abandon', { by: options.by });
  process.stdout.write(`${commissionWord('en', 'warning', 'end', { device: id })}\n`);
}
