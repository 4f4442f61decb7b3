import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

/** What is examined; null is what nobody named. */
export interface Patient {
  readonly machine: Machine;
  /** A device's own folder. */
  readonly dataDir: string | null;
  /** What the device is made of: named, or found in its folder. */
  readonly profile: DeviceProfile | null;
  readonly brokers: readonly string[];
  readonly identityDir: string | null;
  /** http:// or https:// address of the site, whose clock is asked. */
  readonly siteUrl: string | null;
  /** A device's whole folder, with slots and inbox. */
  readonly cardDir: string | null;
  /** A site's folder. */
  readonly siteDir: string | null;
}

/** One subject, with a finding for each thing that belongs to it. Changes nothing. */
export interface Check {
  readonly name: string;
  readonly examine: (patient: Patient) => Promise<readonly Finding[]> | readonly Finding[];
}
