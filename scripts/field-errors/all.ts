import type { Mistake, Topic } from './mistake.ts';
import { BUNDLES } from './mistakes/bundle.ts';
import { FLASH } from './mistakes/flash.ts';
import { PROFILES } from './mistakes/profile.ts';
import { PROVISION } from './mistakes/provision.ts';
import { SITE } from './mistakes/site.ts';

/** In the order of the page. */
export const TOPICS: readonly Topic[] = [SITE, PROVISION, PROFILES, BUNDLES, FLASH];

export const MISTAKES: readonly Mistake[] = TOPICS.flatMap(({ mistakes }) => mistakes);
