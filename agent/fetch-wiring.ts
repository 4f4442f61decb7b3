import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import type { Log } from '#contract/log.ts';
import { BundleFetch } from './behaviours/fetch/bundle-fetch.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { AgentSettings } from './settings.ts';
import type { Spine } from './spine.ts';

export interface FetchWiring {
  readonly settings: AgentSettings;
  readonly profile: DeviceProfile;
  readonly spine: Spine;
  readonly log: Log;
}

/** Null on a device that has no card: nothing of it could be installed. */
export function makeFetch({ settings, profile, spine, log }: FetchWiring): BundleFetch | null {
  if (settings.card === undefined) return null;
  return new BundleFetch({
    folder: join(settings.card.dir, CARD.inbox),
    link: spine.link,
    clock: spine.clock,
    log,
    // Set aside anew only where as much is free besides (core/journal/ballast.ts).
    keepFreeBytes: 2 * profile.journal.ballastBytes,
    freeBytes: async (folder) => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  });
}
