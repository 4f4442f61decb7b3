import type { FrameSource } from '#agent/ports/frames.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { loadAddon } from './addon.ts';
import { AddonFrameSource } from './addon-source.ts';
import { DiscreetFrameSource } from './discreet-source.ts';
import { FallbackFrameSource } from './fallback-source.ts';
import { hasGstLaunch, LaunchFrameSource } from './launch-source.ts';

/**
 * The best frame source of this machine: what is preferred, else the other. A command that takes one picture and ends
 * prefers gst-launch-1.0: the addon's threads may hold back the end of the process; not for an address with a password.
 * Throws WP2401 when there is neither.
 */
export function openFrameSource(clock: Clock, prefer: FrameSource['backend'] = 'addon'): FrameSource {
  const child = prefer === 'gst-launch' ? launched(clock) : null;
  if (child !== null) return new DiscreetFrameSource(child, () => added(clock));
  const addon = added(clock);
  if (addon !== null) return new FallbackFrameSource(addon, () => launched(clock));
  const source = launched(clock);
  if (source === null) throw new WatchpostError('WP2401');
  return source;
}

const launched = (clock: Clock): LaunchFrameSource | null =>
  hasGstLaunch() ? new LaunchFrameSource(clock) : null;

function added(clock: Clock): AddonFrameSource | null {
  const addon = loadAddon();
  return addon === null ? null : new AddonFrameSource(addon, clock);
}
