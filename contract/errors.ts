import { ACCESS_ERRORS } from './errors/access.ts';
import { ACTUATOR_ERRORS } from './errors/actuators.ts';
import { BOARD_ERRORS } from './errors/boards.ts';
import { BUNDLE_ERRORS } from './errors/bundle.ts';
import { CAMERA_ERRORS } from './errors/cameras.ts';
import { CARE_ERRORS } from './errors/care.ts';
import { COMMISSION_ERRORS } from './errors/commission.ts';
import { DEVICE_ERRORS } from './errors/device.ts';
import { DOCTOR_ERRORS } from './errors/doctor.ts';
import type { ErrorEntry } from './errors/entry.ts';
import { FLASH_ERRORS } from './errors/flash.ts';
import { FLEET_ERRORS } from './errors/fleet.ts';
import { GUIDANCE_ERRORS } from './errors/guidance.ts';
import { IDENTITY_ERRORS } from './errors/identity.ts';
import { IMAGE_ERRORS } from './errors/image.ts';
import { INFERENCE_ERRORS } from './errors/inference.ts';
import { INPUT_ERRORS } from './errors/inputs.ts';
import { LINE_ERRORS } from './errors/lines.ts';
import { PROFILE_RULE_ERRORS } from './errors/profile-rules.ts';
import { PROVISION_ERRORS } from './errors/provision.ts';
import { ROBOT_ERRORS } from './errors/robots.ts';
import { SITE_ERRORS } from './errors/site.ts';
import { SITE_MAP_ERRORS } from './errors/site-map.ts';
import { SLOT_ERRORS } from './errors/slots.ts';
import { SOUND_ERRORS } from './errors/sound.ts';
import { STAYING_ERRORS } from './errors/staying.ts';
import { TALK_ERRORS } from './errors/talk.ts';
import { TOOL_ERRORS } from './errors/tools.ts';
import { VISIT_ERRORS } from './errors/visits.ts';
import { VOICE_ERRORS } from './errors/voices.ts';
import { WATCH_ERRORS } from './errors/watches.ts';
import { WIRE_ERRORS } from './errors/wire.ts';

/**
 * Every code of Watchpost. Never reused, never renumbered.
 * 10xx wire · 20xx journal · 21xx commands · 22xx link · 23xx drivers · 24xx vision · 25xx voice ·
 * 26xx supervision of processes · 27xx guidance · 28xx bases and safety of robots · 30xx broker store · 31xx broker server · 32xx incidents · 33xx identity ·
 * 34xx HTTP · 35xx notifiers · 36xx care of the site · 37xx roll-outs · 38xx site map · 40xx profiles · 41xx bundles · 42xx slots · 43xx flash ·
 * 44xx keys of a site and its devices · 45xx commissioning · 46xx fleet · 47xx doctor and support · 48xx contents of a site map · 50xx command line and set-up · 71xx talk-back
 */
export const ERRORS = {
  ...WIRE_ERRORS,
  ...DEVICE_ERRORS,
  ...ACTUATOR_ERRORS,
  ...BOARD_ERRORS,
  ...CAMERA_ERRORS,
  ...INFERENCE_ERRORS,
  ...INPUT_ERRORS,
  ...VISIT_ERRORS,
  ...WATCH_ERRORS,
  ...LINE_ERRORS,
  ...SITE_ERRORS,
  ...IDENTITY_ERRORS,
  ...IMAGE_ERRORS,
  ...ACCESS_ERRORS,
  ...CARE_ERRORS,
  ...TOOL_ERRORS,
  ...VOICE_ERRORS,
  ...SOUND_ERRORS,
  ...STAYING_ERRORS,
  ...GUIDANCE_ERRORS,
  ...PROFILE_RULE_ERRORS,
  ...TALK_ERRORS,
  ...DOCTOR_ERRORS,
  ...BUNDLE_ERRORS,
  ...SLOT_ERRORS,
  ...FLASH_ERRORS,
  ...PROVISION_ERRORS,
  ...SITE_MAP_ERRORS,
  ...COMMISSION_ERRORS,
  ...FLEET_ERRORS,
  ...ROBOT_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

export interface ErrorDetails {
  /** What exactly and where: a file and line, a path in a document, a topic, a name. */
  readonly detail?: string;
  /** Replaces the catalogue's hint where more is known. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class of Watchpost. `message` reads `WP1002 The payload is not JSON. (detail)`. */
export class WatchpostError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, { detail, hint, cause }: ErrorDetails = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(`${code} ${entry.message}${detail === undefined ? '' : ` (${detail})`}`, { cause });
    this.name = 'WatchpostError';
    this.code = code;
    this.detail = detail;
    this.hint = hint ?? entry.hint;
    this.retryable = entry.retryable;
  }
}
