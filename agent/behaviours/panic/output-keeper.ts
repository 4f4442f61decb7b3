import type { Log } from '#contract/log.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Link } from '../../ports/link.ts';
import type { Lamp, LampPattern, Siren } from '../../ports/outputs.ts';
import type { Voice, VoicePriority } from '../../ports/speaker.ts';

interface Parts {
  readonly lamp: Lamp;
  readonly siren: Siren | null;
  readonly voice: Voice;
  readonly link: Pick<Link, 'urge' | 'stateChanged'>;
  readonly recorder: EventRecorder;
  readonly log: Log;
}

/** Drives the outputs. What throws is reported once as a health event, and once more when it works again. */
export class OutputKeeper {
  readonly #parts: Parts;
  readonly #failing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The outputs that do not work. */
  get failing(): readonly string[] {
    return [...this.#failing].map((part) => `output:${part}`);
  }

  lamp(pattern: LampPattern): void {
    this.#try('lamp', () => this.#parts.lamp.show(pattern));
  }

  siren(set: 'on' | 'off'): void {
    this.#try('siren', () => this.#parts.siren?.set(set));
  }

  say({
    key,
    priority,
    repeatEveryMs,
  }: {
    key: string;
    priority: VoicePriority;
    repeatEveryMs: number | null;
  }): void {
    const repeat = repeatEveryMs === null ? {} : { repeatEveryMs };
    this.#try('voice', () => this.#parts.voice.say({ key, priority, ...repeat }));
  }

  hush(priority: VoicePriority): void {
    this.#try('voice', () => this.#parts.voice.hush(priority));
  }

  urge(): void {
    this.#try('link', () => this.#parts.link.urge());
  }

  stateChanged(): void {
    this.#try('link', () => this.#parts.link.stateChanged());
  }

  #try(part: string, act: () => void): void {
    try {
      act();
      if (this.#failing.delete(part)) this.#report(part, { state: 'ok' });
    } catch (cause) {
      this.#parts.log.warn({ part, err: cause }, 'panic.output-failed');
      if (this.#failing.has(part)) return;
      this.#failing.add(part);
      this.#report(part, { state: 'failed', code: 'WP2303' });
    }
  }

  #report(part: string, health: { state: 'ok' | 'failed'; code?: string }): void {
    try {
      this.#parts.recorder.recordEvent('wp.health.changed.v1', { part: `output:${part}`, ...health });
    } catch (cause) {
      this.#parts.log.error({ part, err: cause }, 'panic.health-not-recorded');
    }
  }
}
