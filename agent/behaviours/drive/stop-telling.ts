import type { EventRecorder } from '#agent/ports/events.ts';
import type { Lamp, LampPattern } from '#agent/ports/outputs.ts';
import type { TakeBack, Voice, VoiceRequest } from '#agent/ports/speaker.ts';
import type { Clock, MonoMs } from '#contract/clock.ts';
import type { EventData, Place } from '#contract/event-data.ts';
import type { StopCause } from '#contract/event-robot.ts';
import type { Log } from '#contract/log.ts';
import type { StopChanges } from './stop-book.ts';

export interface StopTellingParts {
  readonly recorder: EventRecorder;
  readonly lamp: Lamp;
  /** What the lamp shows for the alarm button. */
  readonly alarmLamp: () => LampPattern;
  readonly voice: Voice & TakeBack;
  readonly place: () => Place;
  readonly clock: Clock;
  readonly log: Log;
}

const STOPPED: VoiceRequest = { key: 'robot.stopped', priority: 'hazard' };
/** Said by others, or over before it could be said. */
const UNSPOKEN: ReadonlySet<StopCause> = new Set(['own-press', 'caller-frozen']);

/**
 * Tells people at the robot and the site what holds it: lamp, voice, events. The alarm button comes first: while its
 * call is on, the lamp is the call's.
 */
export class StopTelling {
  readonly #parts: StopTellingParts;
  #held: { readonly sinceMs: MonoMs; readonly causes: StopCause[] } | null = null;
  #isSpoken = false;
  #isShown = false;

  constructor(parts: StopTellingParts) {
    this.#parts = parts;
  }

  /** Whether the lamp is its own now. */
  get isShown(): boolean {
    return this.#isShown;
  }

  changed({ began }: StopChanges, causes: readonly StopCause[]): void {
    const { clock } = this.#parts;
    for (const cause of began) {
      this.#held ??= { sinceMs: clock.monoMs(), causes: [] };
      this.#held.causes.push(cause);
      this.#record('wp.robot.stopped.v1', { place: this.#parts.place(), cause });
    }
    if (causes.length === 0) this.#over();
    else if (!this.#isSpoken && began.some((cause) => !UNSPOKEN.has(cause))) this.#speak();
    this.show();
  }

  /** Shows what is to be shown now; to be called whenever the alarm may have taken the lamp or given it back. */
  show(): void {
    const alarm = this.#parts.alarmLamp();
    if (this.#held !== null && alarm === 'idle') this.#light('stopped');
    else if (this.#isShown) this.#light(alarm);
    this.#isShown = this.#held !== null && alarm === 'idle';
  }

  #over(): void {
    const held = this.#held;
    this.#held = null;
    if (this.#isSpoken) this.#parts.voice.takeBack(STOPPED);
    this.#isSpoken = false;
    if (held === null) return;
    const heldMs = this.#parts.clock.monoMs() - held.sinceMs;
    this.#record('wp.robot.resumed.v1', {
      place: this.#parts.place(),
      causes: [...new Set(held.causes)],
      heldMs,
    });
  }

  #speak(): void {
    this.#isSpoken = true;
    this.#parts.voice.say(STOPPED);
  }

  #light(pattern: LampPattern): void {
    try {
      this.#parts.lamp.show(pattern);
    } catch (cause) {
      this.#parts.log.error({ err: cause }, 'drive.lamp-failed');
    }
  }

  /** A journal that throws keeps neither lamp nor voice from telling. */
  #record<T extends 'wp.robot.stopped.v1' | 'wp.robot.resumed.v1'>(type: T, data: EventData<T>): void {
    const { recorder, log } = this.#parts;
    try {
      log.info({ id: recorder.recordEvent(type, data), type }, 'drive.told');
    } catch (cause) {
      log.error({ type, err: cause }, 'drive.not-recorded');
    }
  }
}
