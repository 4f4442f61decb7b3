import type { Mistake, Topic } from './mistake.ts';
import { BUNDLES } from './mistakes/bundle.ts';
import { DEVICE } from './mistakes/device.ts';
import { DOCTOR } from './mistakes/doctor.ts';
import { FLASH } from './mistakes/flash.ts';
import { PROFILES } from './mistakes/profile.ts';
import { PROVISION } from './mistakes/provision.ts';
import { SITE } from './mistakes/site.ts';
import { SITE_RUNNING } from './mistakes/site-running.ts';

/** In the order of the page. */
export const TOPICS: readonly Topic[] = [
  SITE,
  PROVISION,
  PROFILES,
  BUNDLES,
  FLASH,
  SITE_RUNNING,
  DEVICE,
  DOCTOR,
];

export const MISTAKES: readonly Mistake[] = TOPICS.flatMap(({ mistakes }) => mistakes);
