import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { SlotDesk } from '#agent/ports/slots.ts';

export interface TellRejection {
  /** What is told by the run that follows, which is the one that runs again. */
  later(detail: string): void;
  /** Of a first bundle, which runs on. */
  now(detail: string): void;
}

export interface RejectionParts {
  readonly desk: SlotDesk;
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
}

const TOLD = 'slots.told';
const WHY = 'slots.why';

/** Tells once of each bundle that was given up: from the run that took its place, whoever gave it up. */
export class Rejections implements TellRejection {
  readonly #parts: RejectionParts;

  constructor(parts: RejectionParts) {
    this.#parts = parts;
  }

  /** At a start. */
  tellLast(): void {
    const { desk, memory } = this.#parts;
    if (desk.lastRejection === null || memory.get(TOLD) === desk.lastRejection) return;
    const why = memory.get(WHY);
    this.#tell(typeof why === 'string' && why !== '' ? why : null);
  }

  later(detail: string): void {
    this.#parts.memory.set(WHY, detail.slice(0, 400));
  }

  now(detail: string): void {
    this.#tell(detail.slice(0, 400));
  }

  #tell(detail: string | null): void {
    const { desk, recorder, memory } = this.#parts;
    const { last, generation } = desk.running;
    if (last === null) return;
    recorder.recordEvent('wp.profile.rejected.v1', {
      ...{ generation: last.generation, code: last.code, phase: 'trial' },
      backTo: desk.trial === null ? generation : desk.trial.backTo,
      ...(detail === null ? {} : { detail }),
    });
    memory.set(TOLD, desk.lastRejection);
    memory.set(WHY, '');
  }
}
