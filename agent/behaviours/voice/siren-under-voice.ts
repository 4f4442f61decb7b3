import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { Siren } from '../../ports/outputs.ts';
import type { Voice, VoicePriority } from '../../ports/speaker.ts';
import { PLAYER_STOP_MS } from './playback.ts';

/** What a siren does while an alarm prompt is said. */
export type SirenRule = 'pause' | 'sound';

/**
 * The siren comes (back) on after this much quiet. One prompt that takes the place of another leaves no gap that long,
 * for a stopped player has 250 ms to let go; a relay is not worked for a moment between two sentences.
 */
export const QUIET_MS = PLAYER_STOP_MS + 150;

/** How long the siren is heard between two languages of a prompt: long enough to be known for a siren. */
export const TONE_MS = 3000;

export interface SirenUnderVoiceParts {
  readonly siren: Siren;
  readonly voice: Pick<Voice, 'onChange'> & { readonly priority: VoicePriority | null };
  readonly rule: SirenRule;
  /** Whether what is said goes to a loudspeaker: the siren is not silenced for what nobody hears. */
  readonly isHeard: () => boolean;
  /** Called when it cannot be switched for the voice's sake, and with null when it can again. */
  readonly onTrouble: (cause: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A siren that lets people be heard: it is silent while a dispatcher speaks and, by the profile's rule, while an alarm
 * prompt is said, and sounds in between. Tone and message in turn are what voice alarms do (NFPA 72, chapter 24): nobody
 * understands speech beneath a siren, and nobody far away is warned by speech. Works any siren that can be switched.
 */
export class SirenUnderVoice implements Siren {
  readonly name: string;
  readonly #parts: SirenUnderVoiceParts;
  #wanted: 'on' | 'off' = 'off';
  #set: 'on' | 'off' = 'off';
  #isTroubled = false;
  #waiting: Cancel | null = null;
  #stop: Cancel | null = null;

  constructor(parts: SirenUnderVoiceParts) {
    this.#parts = parts;
    this.name = parts.siren.name;
  }

  async start(): Promise<void> {
    this.#stop ??= this.#parts.voice.onChange(() => this.#voiceChanged());
    await this.#parts.siren.start();
  }

  /** Throws what the siren throws, where it is switched at once. With the rule `pause` a prompt is waited for. */
  set(on: 'on' | 'off'): void {
    this.#wanted = on;
    if (on === 'off' || this.#set === 'on' || !this.#mayPause()) this.#settle();
    else this.#wait();
  }

  async close(): Promise<void> {
    this.#wanted = 'off';
    this.#waiting?.();
    this.#waiting = null;
    this.#stop?.();
    this.#stop = null;
    await this.#parts.siren.close();
  }

  /** How long the voice is to be silent between the languages of such a prompt, for the siren to be heard. */
  breathMs(priority: VoicePriority): number {
    return this.#wanted === 'on' && priority === 'alarm' && this.#mayPause() ? QUIET_MS + TONE_MS : 0;
  }

  #mayPause(): boolean {
    return this.#parts.rule === 'pause' && this.#parts.isHeard();
  }

  /** A dispatcher who speaks is heard, whatever the rule. */
  #isOutspoken(): boolean {
    const { priority } = this.#parts.voice;
    return (priority === 'alarm' && this.#mayPause()) || (priority === 'talk-back' && this.#parts.isHeard());
  }

  #voiceChanged(): void {
    if (this.#isOutspoken() || this.#wanted === 'off') this.#guarded();
    else if (this.#set === 'off') this.#wait();
  }

  #wait(): void {
    this.#waiting ??= this.#parts.clock.after(QUIET_MS, () => {
      this.#waiting = null;
      this.#guarded();
    });
  }

  #guarded(): void {
    try {
      this.#settle();
      if (this.#isTroubled) this.#parts.onTrouble(null);
      this.#isTroubled = false;
    } catch (cause) {
      this.#parts.log.warn({ err: cause }, 'siren.not-switched');
      if (!this.#isTroubled) this.#parts.onTrouble(cause);
      this.#isTroubled = true;
    }
  }

  #settle(): void {
    this.#waiting?.();
    this.#waiting = null;
    const next = this.#wanted === 'on' && !this.#isOutspoken() ? 'on' : 'off';
    if (next === this.#set) return;
    this.#parts.siren.set(next);
    this.#set = next;
  }
}
