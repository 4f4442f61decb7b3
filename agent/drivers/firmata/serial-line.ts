import { access } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import { WatchpostError } from '#contract/errors.ts';

const BY_ID = '/dev/serial/by-id';

/** Where a port of the profile stands: a path as it is, a name in the folder of names that last. */
export const pathOf = (port: string): string => (port.startsWith('/') ? port : `${BY_ID}/${port}`);

/**
 * Opens a serial line.
 * @param port a path, or a name of /dev/serial/by-id
 * @throws WatchpostError WP2320 (nothing there), WP2321 (not to be opened), WP2324 (serialport is not installed)
 */
export async function openLine({ port, baudRate }: { port: string; baudRate: number }): Promise<SerialPort> {
  const path = pathOf(port);
  await access(path).catch((cause: unknown) => {
    throw new WatchpostError('WP2320', { detail: path, cause });
  });
  const { SerialPort } = await import('serialport').catch((cause: unknown) => {
    throw new WatchpostError('WP2324', { detail: 'serialport', cause });
  });
  const line = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    line.open((cause) => {
      if (cause === null) resolve();
      else reject(new WatchpostError('WP2321', { detail: `${path}: ${cause.message}`, cause }));
    });
  });
  return line;
}

/** Closes a line after what was written is out; one that is gone already is no error. */
export async function closeLine(line: SerialPort): Promise<void> {
  if (line.isOpen) await new Promise<void>((resolve) => line.drain(() => resolve()));
  await dropLine(line);
}

/** Closes a line without waiting for what was written: whoever has hung does not read it. */
export async function dropLine(line: SerialPort): Promise<void> {
  if (!line.isOpen) return;
  await new Promise<void>((resolve) => line.flush(() => resolve()));
  if (line.isOpen) await new Promise<void>((resolve) => line.close(() => resolve()));
}
