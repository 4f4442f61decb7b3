import type { EventData } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { EventRecorder } from '../../ports/events.ts';

export type HealthState = EventData<'wp.health.changed.v1'>['state'];

export interface Finding {
  readonly state: HealthState;
  readonly code?: string;
  readonly detail?: string;
}

/**
 * How every part of the device is. A change is told once as `wp.health.changed.v1`; a part that was never anything
 * but in order says nothing.
 */
export class HealthBoard {
  readonly #parts = new Map<string, Finding>();
  readonly #recorder: EventRecorder;
  readonly #log: Log;
  readonly #onChange: () => void;

  constructor({ recorder, log, onChange }: { recorder: EventRecorder; log: Log; onChange: () => void }) {
    this.#recorder = recorder;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** Notes how a part is, and tells of it when that is new. Never throws. */
  report(part: string, finding: Finding): void {
    if (!this.#isNews(part, finding)) return;
    this.note(part, finding);
    try {
      this.#recorder.recordEvent('wp.health.changed.v1', { part, ...finding });
    } catch (cause) {
      this.#log.error({ part, err: cause }, 'health.not-recorded');
    }
  }

  /** Notes how a part is, where somebody else tells of it. */
  note(part: string, finding: Finding): void {
    if (!this.#isNews(part, finding)) return;
    this.#parts.set(part, finding);
    this.#log.info({ part, ...finding }, 'health.changed');
    this.#onChange();
  }

  /** For `up/state`. */
  record(): Record<string, HealthState> {
    return Object.fromEntries([...this.#parts].map(([part, { state }]) => [part, state]));
  }

  #isNews(part: string, { state, code }: Finding): boolean {
    const known = this.#parts.get(part) ?? { state: 'ok' };
    return known.state !== state || known.code !== code;
  }
}
