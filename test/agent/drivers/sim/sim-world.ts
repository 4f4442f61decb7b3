import { SimWorld, type SimWorldOptions } from '#agent/drivers/sim/world.ts';
import { silentLog } from '#test/agent/behaviours/fakes.ts';

/** A world with one of everything. */
export function simWorld(options: Partial<SimWorldOptions> = {}): SimWorld {
  return new SimWorld({
    contacts: ['button', 'tamper', 'pedal'],
    sensors: { water: 0 },
    clips: { quiet: '/clips/quiet.mp4', bag: '/clips/bag.mp4' },
    clip: 'quiet',
    pose: { map: 'site', x: 1, y: 2, theta: 0 },
    file: null,
    log: silentLog,
    ...options,
  });
}
