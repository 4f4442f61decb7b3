import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#contract/clock.ts';
import { clientIdOf } from '#contract/names.ts';
import { readVersion } from '#contract/version.ts';
import { writeBundle } from '../bundle/bundle-file.ts';
import { ingredients } from '../bundle/ingredients.ts';
import { unsignedTrust, withSignature } from '../bundle/make.ts';
import { newestOf } from '../bundle/root-chain.ts';
import { publishBundleRoot, readBundleRoot, readSigner } from './bundle-keys.ts';
import { DAY_MS } from './dates.ts';
import { Register } from './register.ts';
import { readSiteSettings, siteFile } from './site-files.ts';

/** Bundles are made for a roll-out, not for a shelf. */
export const BUNDLE_DAYS = 365;

export interface NextBundle {
  readonly siteDir: string;
  readonly device: string;
  /** A folder as `prepare` leaves it. */
  readonly prepared: string;
  /** Intel HEX files by the name of the board. */
  readonly firmware: ReadonlyMap<string, string>;
  /** Versions of the agent that can run it. */
  readonly agent: string;
  readonly days: number;
  /** Instead of `bundles/DEVICE-GENERATION.wpb`. */
  readonly out?: string;
  readonly by: string;
  readonly clock: Clock;
}

export interface MadeBundle {
  readonly file: string;
  readonly generation: number;
  readonly signatures: number;
  readonly threshold: number;
}

/** What this version can run: the same minor, and its patches. */
export function thisMinor(): string {
  const [major = '0', minor = '0'] = readVersion().split('.');
  return `>=${major}.${minor}.0 <${major}.${Number(minor) + 1}.0`;
}

/**
 * Makes the next bundle of a device, signed by the site's own key where the site has it at hand. Rejects with WP4402,
 * WP4412, WP4416, WP4111–WP4116, and WP4103 where that key may not sign any more.
 */
export async function makeNextBundle(wanted: NextBundle): Promise<MadeBundle> {
  const { siteDir, device, prepared, firmware, agent, days, clock } = wanted;
  const { site } = readSiteSettings(siteDir);
  const chain = readBundleRoot(siteDir);
  const signer = readSigner(siteDir);
  const parts = await ingredients({ prepared, firmware });
  const name = clientIdOf({ site, device });
  const expiresMs = clock.wallMs() + days * DAY_MS;
  const generation = takeGeneration(wanted, name);
  const trust = unsignedTrust({ device: name, generation, agent, expiresMs, parts }, chain);
  const { threshold } = newestOf(chain).signed.roles.targets;
  const signed = signer === null ? { trust, signatures: 0, threshold } : withSignature(trust, signer);
  publishBundleRoot(siteDir);
  mkdirSync(siteFile(siteDir, 'bundles'), { recursive: true, mode: 0o700 });
  const file = wanted.out ?? join(siteFile(siteDir, 'bundles'), `${device}-${generation}.wpb`);
  await writeBundle(file, signed.trust, parts);
  return { file, generation, signatures: signed.signatures, threshold };
}

function takeGeneration({ siteDir, by, clock }: NextBundle, name: string): number {
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    return register.takeGeneration(name, { nowMs: clock.wallMs(), by });
  } finally {
    register.close();
  }
}
