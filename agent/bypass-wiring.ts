import type { Log } from '#contract/log.ts';
import { BypassDesk } from './behaviours/bypass/bypass-desk.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Spine } from './spine.ts';

export interface BypassWiring {
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly spine: Spine;
}

/** What may be bypassed: every input but those of visitors, and every sensor. */
export function makeBypass({ profile, log, spine }: BypassWiring): BypassDesk {
  const { journal, memory, clock, link } = spine;
  const { visitors = [], others = [] } = Object.groupBy(profile.inputs, ({ kind }) =>
    kind === 'guidance' ? 'visitors' : 'others',
  );
  return new BypassDesk({
    names: [...others, ...profile.sensors].map(({ name }) => name),
    visitors: visitors.map(({ name }) => name),
    ...{ recorder: journal, memory, clock, log },
    onChange: () => link.stateChanged(),
  });
}
