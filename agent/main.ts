import { flushCompileCache } from 'node:module';
import pino from 'pino';
import { WatchpostError } from '#contract/errors.ts';
import { Agent } from './agent.ts';
import { FAILPOINTS } from './core/failpoints.ts';
import { type Failpoint, killAt, noFailpoint } from './ports/failpoint.ts';
import { AGENT_USAGE, readProfile, readSettings } from './settings.ts';

/** Everything must have stopped by then (DESIGN: 10 s). */
const STOP_WITHIN_MS = 9_000;

/** The agent of one device. Logs JSON lines on standard error; prints one ready line on standard output. */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(AGENT_USAGE);
    return;
  }
  const settings = readSettings(args);
  const profile = readProfile(settings.dataDir);
  const { site, device } = settings.address;
  const log = pino({ base: { site, device } }, pino.destination({ dest: 2, sync: true }));
  const agent = new Agent({
    settings,
    profile,
    log,
    failpoint: failpointFrom(process.env.WATCHPOST_FAILPOINT),
  });
  stopOnSignals(agent, log);
  await agent.start();
  log.info({ profile: profile.name }, 'agent.armed');
  process.stdout.write(`${JSON.stringify({ ready: true, device: `${site}.${device}` })}\n`);
  flushCompileCache();
}

function stopOnSignals(agent: Agent, log: pino.Logger): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    agent.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'agent.not-closed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
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
