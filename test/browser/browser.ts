import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Reason to skip, or false: on a machine without a browser there is nothing to test with. */
export const noBrowser: string | false = existsSync(CHROMIUM)
  ? false
  : `no ${CHROMIUM}: apt-get install chromium`;

/** A microphone that beeps once a second, lent to whichever page asks. */
export const FAKE_MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Debian's Chromium, told to call nobody. */
export function launchBrowser(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

export interface OpenPage {
  readonly page: Page;
  /** What the browser complained of: exceptions and violations of the Content-Security-Policy. */
  readonly complaints: string[];
  readonly hosts: Set<string>;
}

/** A page in a browser profile of its own. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (line) => {
    if (/Content.Security.Policy|Refused to/i.test(line.text())) complaints.push(line.text());
  });
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.goto(address);
  return { page, complaints, hosts };
}
