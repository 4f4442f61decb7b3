import { fileURLToPath } from 'node:url';
import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { GuidanceBehaviour } from './behaviours/guidance/guidance.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import type { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import { readManifest } from './behaviours/voice/clips.ts';
import type { Hardware } from './hardware.ts';
import type { KioskServer } from './kiosk/server.ts';
import { DEFAULT_EMERGENCY_NUMBER, Guidance } from './ports/guidance.ts';
import type { Phrase, Phrases } from './ports/kiosk.ts';
import type { PartHealth } from './ports/makers.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Spine } from './spine.ts';

/** What guidance stands on. */
export interface GuidanceWiring {
  readonly profile: DeviceProfile;
  readonly dataDir: string;
  readonly voiceDir: string;
  readonly log: Log;
  readonly spine: Spine;
  readonly hardware: Hardware;
  readonly panic: PanicBehaviour;
  readonly voice: VoiceArbiter;
  readonly onHealth: (part: string, health: PartHealth) => void;
}

/** Where set-up puts the bundled page. */
const PAGE_DIR = fileURLToPath(new URL('../.cache/kiosk/', import.meta.url));
/** The page hears of an alarm when the alarm is on its way. */
const BEHIND_MS = 25;

/** Null where the profile names neither a kiosk nor buttons for visitors: then nothing of it is loaded. */
export function makeGuidance(wiring: GuidanceWiring): GuidanceDesk | null {
  const { kiosk, guidance } = wiring.profile;
  return kiosk === undefined && guidance?.buttons === undefined ? null : new GuidanceDesk(wiring);
}

/** Loads and starts what answers visitors, and tells it of alarms. */
export class GuidanceDesk {
  readonly #wiring: GuidanceWiring;
  #guidance: GuidanceBehaviour | null = null;
  #server: KioskServer | null = null;
  #stop: Cancel = () => undefined;
  #isClosed = false;

  constructor(wiring: GuidanceWiring) {
    this.#wiring = wiring;
  }

  get state(): GuidanceBehaviour['state'] | null {
    return this.#guidance?.state ?? null;
  }

  async start(): Promise<void> {
    const guidance = await this.#makeGuidance();
    if (this.#isClosed) return;
    this.#guidance = guidance;
    this.#followAlarms(guidance);
    await Promise.all([guidance.start(), this.#startKiosk(guidance)]);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    await Promise.all([this.#server?.close(), this.#guidance?.close()]);
  }

  async #makeGuidance(): Promise<GuidanceBehaviour> {
    const { GuidanceBehaviour } = await import('./behaviours/guidance/guidance.ts');
    const { profile, voiceDir, log, spine, hardware, voice, onHealth } = this.#wiring;
    return new GuidanceBehaviour({
      guidance: profile.guidance ?? Guidance.parse({}),
      languages: profile.languages,
      emergencyNumber: profile.emergencyNumber ?? DEFAULT_EMERGENCY_NUMBER,
      inputs: hardware.inputs.filter(({ kind }) => kind === 'guidance'),
      phrases: await phrasesIn(voiceDir, log),
      clock: spine.clock,
      ...{ voice, onHealth, log },
    });
  }

  #followAlarms(guidance: GuidanceBehaviour): void {
    const { panic, spine } = this.#wiring;
    const tell = () => guidance.setAlarm(panic.prompt);
    this.#stop = panic.onShown(() => {
      spine.clock.after(BEHIND_MS, tell);
    });
    tell();
  }

  async #startKiosk(source: GuidanceBehaviour): Promise<void> {
    const { profile, dataDir, log, spine, onHealth } = this.#wiring;
    const settings = profile.kiosk;
    if (settings === undefined) return;
    const { KioskServer } = await import('./kiosk/server.ts');
    if (this.#isClosed) return;
    this.#server = new KioskServer({
      ...{ settings, dataDir, source, log },
      pageDir: PAGE_DIR,
      onHealth: (health) => onHealth('kiosk', health),
      clock: spine.clock,
    });
    await this.#server.start();
  }
}

/** Words and lengths as they were rendered; without a manifest, of which the voice tells, none. */
async function phrasesIn(dir: string, log: Log): Promise<Phrases> {
  const phrases = new Map<string, Phrase>();
  try {
    for (const { key, language, text, file, durationMs } of (await readManifest(dir)).prompts)
      phrases.set(`${language}/${key}`, { text, durationMs: file === null ? 0 : durationMs });
  } catch (cause) {
    if (!(cause instanceof WatchpostError)) throw cause;
    log.warn({ code: cause.code, err: cause }, 'guidance.no-words');
  }
  return (key, language) => phrases.get(`${language}/${key}`) ?? null;
}
