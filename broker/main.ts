import { flushCompileCache } from 'node:module';
import { destination, pino } from 'pino';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { type ServiceManager, serviceManager } from '#contract/service-manager.ts';
import { type LifeSign, Watchdog } from '#contract/watchdog.ts';
import { Broker } from './broker.ts';
import { DEFAULT_CONFIG, looseEnds, readConfig } from './config.ts';
import { type BrokerOptions, isLoopback, readCommandLine } from './options.ts';

/** An end that takes longer than this is ended by force: DESIGN promises ten seconds. */
const STOP_WITHIN_MS = 9_000;

/** Runs until told to stop; answers the exit code: 0 stopped, 1 failed, 2 wrong use. */
async function main(args: readonly string[]): Promise<number> {
  // Also in a folder that others may enter: hashes of passwords, pictures, the audit.
  process.umask(0o077);
  const line = readCommandLine(args, {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  });
  if (line.kind === 'exit') return line.code;
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
  try {
    return await run(line.options, log);
  } catch (error) {
    report(error, log);
    return error instanceof WatchpostError && (error.code === 'WP5002' || error.code === 'WP5003') ? 2 : 1;
  }
}

async function run(options: BrokerOptions, log: Log): Promise<number> {
  const stopped = nextSignal();
  const config = options.config === null ? DEFAULT_CONFIG : readConfig(options.config);
  const { unused, unknown } = looseEnds(config);
  if (unused.length > 0) log.warn({ notifiers: unused }, 'config.notifiers-in-no-rung');
  if (unknown.length > 0) log.info({ notifiers: unknown }, 'config.notifiers-not-configured');
  if (!isLoopback(options.http.host) && config.access.trustedProxies.length === 0) {
    // Whoever is on the way reads passwords: said at every start.
    log.warn({ host: options.http.host }, 'config.http-in-the-clear');
  }
  const manager = serviceManager({ env: process.env, pid: process.pid, log });
  const broker = new Broker({ options, config, clock: systemClock, log, onLost: crash });
  // Certificates and revocations; without a handler the signal would end the process.
  process.on('SIGHUP', () => broker.reload());
  const addresses = await broker.start();
  log.info({ ...addresses, data: options.data, mode: options.mode }, 'broker.ready');
  process.stdout.write(`${JSON.stringify({ ready: true, ...addresses })}\n`);
  flushCompileCache();
  const watchdog = watchdogOf(manager, broker.signs, log);
  watchdog?.start();
  manager?.ready(`${options.mode}, ${Object.values(addresses).filter(Boolean).join(', ')}`);
  log.info({ signal: await stopped }, 'broker.stopping');
  manager?.stopping();
  watchdog?.close();
  systemClock.after(STOP_WITHIN_MS, () => process.exit(1));
  await broker.close();
  log.info({}, 'broker.stopped');
  return 0;
}

/** Null where nobody waits to be told that the site is alive. */
function watchdogOf(manager: ServiceManager | null, signs: readonly LifeSign[], log: Log): Watchdog | null {
  const withinMs = manager?.watchdogMs ?? null;
  if (manager === null || withinMs === null) return null;
  return new Watchdog({ signs, feed: () => manager.alive(), withinMs, clock: systemClock, log });
}

/**
 * A sync has failed and is logged. An orderly end would let SQLite tidy up by what it believes is on the disk: the end is
 * that of a crash, and the next start reads the log back (docs/durability.md).
 */
function crash(error: WatchpostError): void {
  process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Listened for from the first moment, so that a signal during the start is not lost. A second one ends at once. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let seen = 0;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        seen += 1;
        if (seen > 1) process.exit(1);
        resolve(signal);
      });
    }
  });
}

/** One line for machines, and what to do for people. */
function report(error: unknown, log: Log): void {
  if (error instanceof WatchpostError) {
    log.error({ code: error.code, hint: error.hint }, 'broker.failed');
    process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
    return;
  }
  log.error({ error: error instanceof Error ? error.stack : String(error) }, 'broker.failed');
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
