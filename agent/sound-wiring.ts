import { join } from 'node:path';
import type { Log } from '#contract/log.ts';
import { wavOf } from '#contract/wav.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import { SoundTest } from './behaviours/sound-test/sound-test.ts';
import type { Verdict } from './behaviours/sound-test/verdict.ts';
import { Talk } from './behaviours/talk/talk.ts';
import { TalkBox } from './behaviours/talk/talk-box.ts';
import type { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import { SirenUnderVoice } from './behaviours/voice/siren-under-voice.ts';
import { ProcessMicrophone } from './drivers/audio/process-microphone.ts';
import type { Siren } from './ports/outputs.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Spine } from './spine.ts';

/** What the test of the sound stands on. */
export interface SoundWiring {
  readonly profile: DeviceProfile;
  readonly dataDir: string;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly voice: VoiceArbiter;
}

/** What a dispatcher says through the device. */
export function makeTalk({ spine, voice, log }: Pick<SoundWiring, 'spine' | 'voice' | 'log'>): Talk {
  return new Talk({ box: new TalkBox(spine.clock), voice, link: spine.link, log });
}

/** What lets people be heard over the siren. */
export interface SirenWiring {
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly siren: Siren | null;
  readonly voice: VoiceArbiter;
  /** Whether prompts go to a loudspeaker now. */
  readonly isHeard: () => boolean;
}

/** Null where the device has no siren. */
export function makeSiren(parts: SirenWiring): SirenUnderVoice | null {
  const { profile, log, spine, board, siren, voice, isHeard } = parts;
  if (siren === null) return null;
  const rule = profile.panic.sirenDuringPrompts ?? 'pause';
  return new SirenUnderVoice({
    ...{ siren, voice, rule, isHeard, clock: spine.clock, log },
    onTrouble: (cause) =>
      board.report('siren', cause === null ? { state: 'ok' } : { state: 'failed', code: 'WP2303' }),
  });
}

/** Null where the profile names no microphone. */
export function makeSoundTest(parts: SoundWiring): SoundTest | null {
  const { profile, dataDir, log, spine, board, panic, voice } = parts;
  const { timeZone, selfTest: settings } = profile.voice ?? {};
  if (timeZone === undefined || settings === undefined) return null;
  const { clock, journal } = spine;
  return new SoundTest({
    ...{ settings, timeZone, voice, clock, log },
    microphone: new ProcessMicrophone({ clock, ...settings.microphone }),
    sound: { file: join(dataDir, 'sound-test.wav'), bytes: wavOf },
    isCalling: () => panic.phase !== 'idle',
    onVerdict: (verdict) => board.report('sound', healthOf(verdict)),
    recorder: journal,
    memory: spine.memory,
  });
}

function healthOf({ passed, cause, levelDb, delayMs }: Verdict): Parameters<HealthBoard['report']>[1] {
  if (passed) return { state: 'ok' };
  const measured = levelDb === null ? '' : `, ${levelDb} dB after ${delayMs} ms`;
  return { state: 'degraded', code: 'WP2516', detail: `${cause}${measured}` };
}
