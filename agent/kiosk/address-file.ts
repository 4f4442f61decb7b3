import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In the device's folder, readable by its owner alone: the page's address with its token. */
export const KIOSK_ADDRESS_FILE = 'kiosk.url';

/** What the file said last: the page that a screen has open goes on with the same token after a restart. */
export interface KioskAddress {
  /** 32 random bytes, base64url. */
  readonly token: string;
  readonly port: number | null;
}

const ADDRESS = /^http:\/\/127\.0\.0\.1:(\d{1,5})\/#token=([A-Za-z0-9_-]{43})\n?$/;

/** The address of the last start, or a new token where there is none that can be read. */
export async function lastAddress(dataDir: string): Promise<KioskAddress> {
  const text = await readFile(join(dataDir, KIOSK_ADDRESS_FILE), 'utf8').catch(() => '');
  const [, port, token] = ADDRESS.exec(text) ?? [];
  if (port === undefined || token === undefined)
    return { token: randomBytes(32).toString('base64url'), port: null };
  return { token, port: Number(port) };
}

/** Written whole, and only when it changes. Rejects as the file system does. */
export async function keepAddress(dataDir: string, port: number, token: string): Promise<void> {
  const file = join(dataDir, KIOSK_ADDRESS_FILE);
  const text = `http://127.0.0.1:${port}/#token=${token}\n`;
  if ((await readFile(file, 'utf8').catch(() => null)) === text) {
    await chmod(file, 0o600);
    return;
  }
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
