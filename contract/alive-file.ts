import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Longest time between two signs of life; as WatchdogSec of deploy/systemd/watchpost-agent.service. */
export const ALIVE_WITHIN_MS = 6000;

export interface AliveFileParts {
  readonly pid: number;
  /** Seconds since the machine was started: no clock that can be set. */
  readonly uptimeS?: () => number;
}

/**
 * Takes the words of a program to its service manager (sd_notify(3)) where there is none, in a container: each sign of
 * life leaves `SECONDS PID` in a file, which the container's health check reads. The file belongs into memory-backed
 * storage. It goes when the program says that it ends.
 */
export function aliveFile({
  pid,
  uptimeS = uptime,
}: AliveFileParts): (path: string, message: string) => void {
  return (path, message) => {
    const words = message.split('\n');
    if (words.includes('STOPPING=1')) rmSync(path, { force: true });
    else if (words.includes('READY=1') || words.includes('WATCHDOG=1')) {
      writeFileSync(`${path}.new`, `${Math.floor(uptimeS())} ${pid}\n`);
      renameSync(`${path}.new`, path);
    }
  };
}
