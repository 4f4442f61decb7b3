import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#contract/clock.ts';
import type { KeyHolder } from '#scripts/site-authority/key-holder.ts';
import { type MadeSite, makeSite } from '#scripts/site-authority/make-site.ts';
import { type MadeIdentity, makeIdentity } from '#scripts/site-authority/provision.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

export const PASSPHRASE = 'four quiet lanterns at sea';
/** After this version was made. */
export const NOW_MS = Date.UTC(2027, 4, 1);
export const DAY_MS = 86_400_000;

export interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export interface TestSite extends MadeSite {
  readonly dir: string;
  readonly clock: Clock;
}

/**
 * A site named `mall` in a folder that goes with the test; its clock stands still. Made once in a file, for its
 * passphrase and its database take a second, and copied for each test.
 */
export async function newSite(t: Teardown): Promise<TestSite> {
  const folder = temporaryFolder(t);
  original ??= makeOriginal();
  const { dir: from, ...made } = await original;
  const dir = join(folder, 'mall');
  cpSync(from, dir, { recursive: true });
  return { ...made, dir };
}

let original: Promise<TestSite> | null = null;

async function makeOriginal(): Promise<TestSite> {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-site-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [dir, clock] = [join(folder, 'mall'), new ManualClock(NOW_MS)];
  const hosts = ['localhost', '127.0.0.1'];
  const made = await makeSite({ dir, site: 'mall', hosts, passphrase: PASSPHRASE, by: 'a test', clock });
  return { ...made, dir, clock };
}

/** Provisions `pillar-001` there for a year, unless said otherwise. */
export const provision = (
  { dir: siteDir, clock }: Pick<TestSite, 'dir' | 'clock'>,
  wanted: {
    readonly to: string | KeyHolder;
    readonly device?: string;
    readonly existing?: 'replace';
    readonly days?: number;
  },
): Promise<MadeIdentity> =>
  makeIdentity({
    ...{ siteDir, clock, device: 'pillar-001', days: 365, existing: 'refuse', by: 'a test' },
    ...wanted,
  });
