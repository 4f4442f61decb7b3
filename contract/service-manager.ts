import { ALIVE_WITHIN_MS, aliveFile } from './alive-file.ts';
import { WatchpostError } from './errors.ts';
import type { Log } from './log.ts';
import { loadAddon } from './native-addon.ts';

/** Sends one datagram; throws an Error with the name of the errno as its `code`. */
export type Notify = (path: string, message: string) => void;

export interface ServiceManagerParts {
  /** NOTIFY_SOCKET: a path, or an abstract name after @. */
  readonly socket: string;
  /** Within this time it wants to hear `alive` again; null where it does not watch. */
  readonly watchdogMs: number | null;
  readonly notify: Notify;
  readonly log: Log;
}

/**
 * What started this program and waits to hear from it: systemd with `Type=notify` (sd_notify(3), sd_watchdog_enabled(3)).
 * None of these calls throws or waits: a program goes on when nobody listens.
 */
export class ServiceManager {
  readonly watchdogMs: number | null;
  readonly #parts: ServiceManagerParts;
  #problem = '';

  constructor(parts: ServiceManagerParts) {
    this.#parts = parts;
    this.watchdogMs = parts.watchdogMs;
  }

  /** It does what it is there for; the watchdog begins to wait. */
  ready(status: string): void {
    this.#tell(`READY=1\nSTATUS=${oneLine(status)}`);
  }

  /** One line for people (`systemctl status`). */
  status(text: string): void {
    this.#tell(`STATUS=${oneLine(text)}`);
  }

  /** It is well; to be said at least twice in `watchdogMs`. */
  alive(): void {
    this.#tell('WATCHDOG=1');
  }

  /** It ends on its own account. */
  stopping(): void {
    this.#tell('STOPPING=1');
  }

  #tell(message: string): void {
    const { socket, notify, log } = this.#parts;
    try {
      notify(socket, message);
      this.#problem = '';
    } catch (cause) {
      const problem = String(cause);
      if (problem !== this.#problem) log.warn({ code: 'WP2609', err: cause }, 'service.not-told');
      this.#problem = problem;
    }
  }
}

export interface ServiceSurroundings {
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  readonly log: Log;
  /** The addon's, unless a test brings its own. */
  readonly load?: () => Notify;
}

/**
 * The service manager that the environment names, or null; in a container, the file by which its health check sees
 * that the program is alive (WATCHPOST_ALIVE_FILE). Takes its variables out of `env`: no child of this program
 * may speak in its name. Without the addon it cannot be told anything (WP2609), and it will end this program for that.
 */
export function serviceManager({
  env,
  pid,
  log,
  load = addonNotify,
}: ServiceSurroundings): ServiceManager | null {
  const {
    NOTIFY_SOCKET: socket,
    WATCHDOG_USEC: usec,
    WATCHDOG_PID: watched,
    WATCHPOST_ALIVE_FILE: file,
  } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'WATCHPOST_ALIVE_FILE'])
    delete env[name];
  if (socket === undefined || !/^[/@]./.test(socket)) {
    if (file === undefined || !file.startsWith('/')) return null;
    return new ServiceManager({ socket: file, log, notify: aliveFile({ pid }), watchdogMs: ALIVE_WITHIN_MS });
  }
  const isWatched = watched === undefined || Number(watched) === pid;
  const watchdogMs = Number(usec) / 1000;
  return new ServiceManager({
    ...{ socket, log, notify: loadNotify(load, log) },
    watchdogMs: isWatched && watchdogMs > 0 && Number.isFinite(watchdogMs) ? watchdogMs : null,
  });
}

const addonNotify = (): Notify => loadAddon().notify;

function loadNotify(load: () => Notify, log: Log): Notify {
  try {
    return load();
  } catch (cause) {
    const error = new WatchpostError('WP2609', { cause });
    log.error({ code: error.code, hint: error.hint, err: cause }, 'service.cannot-be-told');
    return () => undefined;
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 200);
