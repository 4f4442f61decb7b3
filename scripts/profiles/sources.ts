import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { ProfileSources, ResolvedProfile } from '#agent/profile/resolve.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';

/** As the options of a command name them. */
export interface SiteOptions {
  readonly siteFile?: string;
  readonly device?: string;
}

/** A profile of the library leaves its place to the site. */
const PLACE_OF_THE_SITE = { place: { label: '(from the site file)', latitude: 0, longitude: 0 } };

export function sourcesOf(file: string, { siteFile, device }: SiteOptions): ProfileSources {
  return {
    file,
    assumed: siteFile === undefined ? PLACE_OF_THE_SITE : {},
    ...(siteFile === undefined ? {} : { siteFile }),
    ...(device === undefined ? {} : { device }),
  };
}

/** @throws ProfileError WP4001–WP4059 with file, line, path and what would be right */
export function resolved(file: string, options: SiteOptions): ResolvedProfile {
  return resolveProfile({ ...sourcesOf(file, options), drivers: DRIVER_SCHEMAS });
}
