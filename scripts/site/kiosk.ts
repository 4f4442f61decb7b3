import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KIOSK_ADDRESS_FILE } from '#agent/kiosk/address-file.ts';
import { DEMO_DEVICES, type DemoSiteOptions } from './demo-site.ts';

/** The address, with its token, of the page for visitors of each device that offers one. */
export async function kioskLines({ dataDir }: DemoSiteOptions): Promise<string[]> {
  const files = Object.keys(DEMO_DEVICES).map((device) => join(dataDir, device, KIOSK_ADDRESS_FILE));
  // A device without a screen has no such file.
  const addresses = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => null)));
  return addresses.filter((address) => address !== null).map((address) => `Kiosk    ${address.trim()}`);
}
