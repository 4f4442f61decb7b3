import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { SiteLaw } from '../site-file.ts';
import type { VoiceFacts } from '../voice-facts.ts';

/** An error keeps a profile from being used; a warning is for a person to decide. */
export type Severity = 'error' | 'warning';

/** What the rules look at. */
export interface Lintable {
  /** The profile's own file. */
  readonly file: string;
  readonly profile: DeviceProfile;
  readonly voices: VoiceFacts;
  /** Of the site file; empty without one. */
  readonly law: SiteLaw;
  /** A device of a site, or a model of the library. */
  readonly subject: 'device' | 'model';
}

/** One thing found, at a path of the resolved profile. */
export interface Finding {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** A rule about the data of a profile whose shape is in order. */
export interface Rule {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** What it finds, as the table of docs/profile-rules.md says it. */
  readonly finds: string;
  readonly checks: readonly Check[];
}

export interface Check {
  /** Top keys of the profile without which it would say what is not so. */
  readonly needs?: readonly (keyof DeviceProfile)[];
  readonly find: (subject: Lintable) => Finding[];
}
