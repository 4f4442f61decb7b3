import { flushCompileCache } from 'node:module';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { type ServiceManager, serviceManager } from '#contract/service-manager.ts';
import { Agent, type AgentParts } from './agent.ts';
import { FAILPOINTS } from './core/failpoints.ts';
import { loadDrivers } from './driver-loading.ts';
import { Ending } from './ending.ts';
import { openLog } from './log-output.ts';
import { type Failpoint, killAt, noFailpoint } from './ports/failpoint.ts';
import { AGENT_USAGE, type AgentSettings, readSettings } from './settings.ts';
import { PreparedFolder, type ProfileSource } from './start-profile.ts';
import { type BegunRun, beginRun } from './start-run.ts';

/** So many faults within this time are not bad luck any more. */
const MOST_FAULTS = 20;
const FAULTS_WITHIN_MS = 60_000;

/** The agent of one device. Logs JSON lines on standard error; prints one ready line on standard output. */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(AGENT_USAGE);
    return;
  }
  const settings = readSettings(args);
  const { site, device } = settings.address;
  const output = openLog({ site, device });
  const { log } = output;
  const manager = serviceManager({ env: process.env, pid: process.pid, log });
  const failpoint = failpointFrom(process.env.WATCHPOST_FAILPOINT);
  const run = await beginRun({ dataDir: settings.dataDir, source: await sourceOf(settings, log), log });
  const ending = new Ending({ output, manager, notes: run.notes });
  try {
    await arm(settings, { run, manager, log, ending, failpoint });
  } catch (error) {
    if (!(await isGivenUp(run, error, log))) throw error;
    ending.again();
    return;
  }
  const afterMs = Math.round(performance.now());
  log.info({ profile: run.profile.name, mode: run.start.mode, afterMs }, 'agent.armed');
  manager?.ready(run.start.mode === 'safe' ? 'armed, in safe mode: the alarm path alone' : 'armed');
  // Nobody may be listening for it.
  process.stdout.on('error', (error) => log.warn({ err: error }, 'agent.ready-not-said'));
  process.stdout.write(`${JSON.stringify({ ready: true, device: `${site}.${device}` })}\n`);
  flushCompileCache();
}

/** What belongs to slots is loaded where there are some. */
async function sourceOf({ card, dataDir }: AgentSettings, log: Log): Promise<ProfileSource> {
  if (card === undefined) return new PreparedFolder(dataDir);
  return (await import('./start-card.ts')).cardSource(card, log);
}

interface Arming {
  readonly run: BegunRun;
  readonly manager: ServiceManager | null;
  readonly log: Log;
  readonly ending: Ending;
  readonly failpoint: Failpoint;
}

async function arm(settings: AgentSettings, { run, manager, log, ending, failpoint }: Arming): Promise<void> {
  const { profile, contentDir, start, notes } = run;
  const agent = new Agent({
    ...{ settings, profile, contentDir, log, failpoint },
    drivers: await loadDrivers(profile),
    run: { start, notes, manager, restart: manager === null ? null : () => ending.stop(0) },
    ...(await slotsOf(settings, run, () => ending.again())),
  });
  ending.close = () => agent.close();
  process.on('SIGTERM', () => ending.stop(0));
  process.on('SIGINT', () => ending.stop(0));
  await agent.start();
  outliveFaults(log, (code) => ending.stop(code));
}

async function slotsOf(
  { card }: AgentSettings,
  { slots: desk }: BegunRun,
  again: () => void,
): Promise<Pick<AgentParts, 'slots'>> {
  if (card === undefined || desk === null) return {};
  const { SlotsBehaviour, shorterWaits } = await import('./trial-wiring.ts');
  const shorter = shorterWaits(process.env);
  return { slots: (parts) => new SlotsBehaviour({ ...parts, card, desk, again, ...shorter }) };
}

/** A bundle on trial that does not even start gives way at once to the one before. */
async function isGivenUp({ slots }: BegunRun, error: unknown, log: Log): Promise<boolean> {
  if ((slots?.trial?.backTo ?? null) === null || slots === null) return false;
  const code = error instanceof WatchpostError ? error.code : 'WP2209';
  log.error({ code, err: error }, 'agent.trial-not-started');
  await slots.reject(code);
  return true;
}

/**
 * An armed button is worth more than a tidy process: what a driver or library throws where nobody can catch it is
 * logged, and the agent goes on. One that keeps throwing ends it, so that whoever supervises it starts it anew.
 */
function outliveFaults(log: Log, stop: (code: number) => void): void {
  let faults = 0;
  const note = (error: unknown) => {
    faults += 1;
    log.error({ code: 'WP2209', faults, err: error }, 'agent.fault');
    if (faults >= MOST_FAULTS) stop(1);
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  setInterval(() => {
    faults = 0;
  }, FAULTS_WITHIN_MS).unref();
}

/** For the fault suite: `NAME` or `NAME:SKIP` kills this process at a point of journal, outbox or link. */
function failpointFrom(text: string | undefined): Failpoint {
  if (text === undefined) return noFailpoint;
  const [name = '', skip = '0'] = text.split(':');
  if (FAILPOINTS.some((known) => known === name)) return killAt(name, Number(skip));
  throw new WatchpostError('WP5024', {
    detail: `WATCHPOST_FAILPOINT ${text}`,
    hint: `Use one of ${FAILPOINTS.join(', ')}.`,
  });
}

if (import.meta.main) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof WatchpostError)) throw error;
    process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
    process.exit(error.code === 'WP5024' ? 2 : 1);
  });
}
