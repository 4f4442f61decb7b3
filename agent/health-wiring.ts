import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { Lane } from '#contract/topics.ts';
import type { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import { HealthBehaviour } from './behaviours/health/health.ts';
import { PathTest } from './behaviours/health/path-test.ts';
import {
  childProbe,
  clockProbe,
  diskProbe,
  loopProbe,
  type Probe,
  queueProbe,
  temperatureProbe,
} from './behaviours/health/probes.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { AgentSettings } from './settings.ts';
import type { Spine } from './spine.ts';

/** What the watch over the device itself stands on. */
export interface HealthWiring {
  readonly profile: DeviceProfile;
  readonly settings: AgentSettings;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly place: () => Place;
}

export function makeHealth(parts: HealthWiring, vision: VisionKeeper | null): HealthBehaviour {
  const { profile, settings, log, spine, board } = parts;
  const { clock, journal, link } = spine;
  const depths = () => journal.queues();
  const lanes: Lane[] = ['alarm', 'event', 'telemetry'];
  const probes: Probe[] = [
    clockProbe(clock),
    diskProbe(settings.dataDir),
    temperatureProbe(),
    loopProbe(),
    ...lanes.map((lane) => queueProbe(lane, { depths, link })),
  ];
  if (vision !== null)
    probes.push(childProbe('vision', () => (vision.state().pid === null ? 'restarting' : 'running')));
  return new HealthBehaviour({
    ...{ board, probes, recorder: journal, clock, log },
    supervisionS: profile.supervisionS,
    heartbeat: () => link.stateChanged(),
  });
}

export function makePathTest({ profile, settings, log, spine, panic, place }: HealthWiring): PathTest {
  const { journal, outbox, memory, clock } = spine;
  return new PathTest({
    address: settings.address,
    everyH: profile.testEveryH,
    isCalling: () => panic.phase !== 'idle',
    delivery: outbox.delivery,
    ...{ place, recorder: journal, memory, clock, log },
  });
}
