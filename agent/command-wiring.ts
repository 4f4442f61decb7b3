import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ActuatorKeeper } from './behaviours/actuators/actuator-keeper.ts';
import type { BypassDesk } from './behaviours/bypass/bypass-desk.ts';
import { standardChecks } from './behaviours/commands/checks.ts';
import { CommandDesk } from './behaviours/commands/desk.ts';
import { commandHandlers, type IdentityControl, type SlotControl } from './behaviours/commands/handlers.ts';
import type { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import type { BundleFetch } from './behaviours/fetch/bundle-fetch.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PathTest } from './behaviours/health/path-test.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import type { SoundTest } from './behaviours/sound-test/sound-test.ts';
import type { Talk } from './behaviours/talk/talk.ts';
import type { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import type { ClipLibrary } from './behaviours/voice/clips.ts';
import type { Hardware } from './hardware.ts';
import { isAlarmInput } from './ports/inputs.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Spine } from './spine.ts';

/** What the commands of the site move. */
export interface CommandWiring {
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly spine: Spine;
  readonly hardware: Hardware;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly voice: VoiceArbiter;
  readonly clips: () => ClipLibrary;
  /** Null where nobody would start the agent again. */
  readonly restart: (() => void) | null;
  readonly vision: VisionKeeper | null;
  readonly pathTest: PathTest;
  readonly bypass: BypassDesk;
  readonly actuators: ActuatorKeeper;
  readonly soundTest: SoundTest | null;
  readonly talk: Talk;
  /** Null on a device without a card. */
  readonly fetch: BundleFetch | null;
  readonly slots: SlotControl | null;
  readonly identity: IdentityControl | null;
}

export function makeCommands(parts: CommandWiring): CommandDesk {
  const {
    profile,
    log,
    spine,
    hardware,
    board,
    panic,
    voice,
    clips,
    pathTest,
    bypass,
    actuators,
    soundTest,
  } = parts;
  const { memory, link, clock, journal } = spine;
  return new CommandDesk({
    handlers: commandHandlers({
      panic,
      voice,
      hasPrompt: (key) => profile.languages.some((language) => clips().find(key, language) !== null),
      inputs: profile.inputs.filter(isAlarmInput).map(({ name }) => name),
      bypass,
      actuators,
      hasSiren: hardware.siren !== null,
      sirenMaxS: profile.panic.sirenMaxS,
      vision: visionControl(parts),
      testAlarm: (commandId) => pathTest.raise('command', commandId),
      soundTest: soundTest === null ? null : async () => ({ ...(await soundTest.run()) }),
      talk: async (args, signal) => ({ ...(await parts.talk.speak(args, signal)) }),
      slots: parts.slots,
      identity: parts.identity,
      fetchBundle: async (args) => bundleFetch(parts).fetch(args),
      restart: parts.restart,
      checks: standardChecks({
        ...{ memory, link, clock },
        sensors: hardware.sensors,
        health: () => board.record(),
      }),
      recorder: journal,
      clock,
    }),
    ...{ memory, link, clock, log },
  });
}

function bundleFetch({ fetch }: CommandWiring): BundleFetch {
  if (fetch === null) throw new WatchpostError('WP4650');
  return fetch;
}

function visionControl({ vision, profile }: CommandWiring) {
  if (vision === null) return null;
  return {
    camera: profile.camera?.name ?? '',
    snapshot: async () => ({ ...(await vision.snapshot()) }),
    restart: () => vision.restart(),
  };
}
