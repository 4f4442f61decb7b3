import type { EventRecorder } from '#agent/ports/events.ts';
import type { ErrorCode } from '#contract/errors.ts';

export type HealthState = 'ok' | 'degraded' | 'failed';

/** Tells each change of a part's health once. What is unknown at the start is not told when it turns out well. */
export class VisionHealth {
  readonly #recorder: EventRecorder;
  readonly #states = new Map<string, HealthState>();
  readonly #onChange: () => void;

  constructor(recorder: EventRecorder, onChange: () => void) {
    this.#recorder = recorder;
    this.#onChange = onChange;
  }

  get states(): Readonly<Record<string, HealthState>> {
    return Object.fromEntries(this.#states);
  }

  set(part: string, state: HealthState, code?: ErrorCode, detail?: string): void {
    const before = this.#states.get(part);
    if (before === state) return;
    this.#states.set(part, state);
    if (before !== undefined || state !== 'ok') {
      this.#recorder.recordEvent('wp.health.changed.v1', {
        part,
        state,
        ...(code === undefined ? {} : { code }),
        ...(detail === undefined || detail === '' ? {} : { detail: detail.slice(0, 400) }),
      });
    }
    this.#onChange();
  }
}
