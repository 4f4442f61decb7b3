import { flushCompileCache } from 'node:module';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { serviceManager } from '#contract/service-manager.ts';
import { Agent } from './agent.ts';
import { FAILPOINTS } from './core/failpoints.ts';
import { loadDrivers } from './driver-loading.ts';
import { type LogOutput, openLog } from './log-output.ts';
import { type Failpoint, killAt, noFailpoint } from './ports/failpoint.ts';
import { AGENT_USAGE, readSettings } from './settings.ts';
import { beginRun } from './start-run.ts';

/** Everything must have stopped by then (DESIGN: 10 s). */
const STOP_WITHIN_MS = 9_000;
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
  const { log, flush } = openLog({ site, device });
  const manager = serviceManager({ env: process.env, pid: process.pid, log });
  const { profile, start, notes } = beginRun({ dataDir: settings.dataDir, log });
  const agent = new Agent({
    settings,
    profile,
    log,
    drivers: await loadDrivers(profile),
    failpoint: failpointFrom(process.env.WATCHPOST_FAILPOINT),
    run: { start, notes, manager, restart: manager === null ? null : () => stop(0) },
  });
  const stop = stopOnSignals(agent, { log, flush }, () => {
    manager?.stopping();
    return () => notes.ended('normal');
  });
  await agent.start();
  outliveFaults(log, stop);
  log.info({ profile: profile.name, mode: start.mode }, 'agent.armed');
  manager?.ready(start.mode === 'safe' ? 'armed, in safe mode: the alarm path alone' : 'armed');
  // Nobody may be listening for it.
  process.stdout.on('error', (error) => log.warn({ err: error }, 'agent.ready-not-said'));
  process.stdout.write(`${JSON.stringify({ ready: true, device: `${site}.${device}` })}\n`);
  flushCompileCache();
}

/** Answers what ends the program with an exit code. `onStop` answers what is to be done once all is closed in order. */
function stopOnSignals(
  agent: Agent,
  { log, flush }: LogOutput,
  onStop: () => () => void,
): (code: number) => void {
  let stopping = false;
  const stop = (code: number) => {
    if (stopping) return;
    stopping = true;
    const onClosed = onStop();
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    agent
      .close()
      .then(
        () => code,
        (error: unknown) => {
          log.error({ err: error }, 'agent.not-closed');
          return 1;
        },
      )
      .then((exitCode) => {
        if (exitCode === 0) onClosed();
        flush(() => process.exit(exitCode));
      });
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  return stop;
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
