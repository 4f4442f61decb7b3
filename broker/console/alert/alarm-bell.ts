import type { Cancel, Clock } from '#contract/clock.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { Store } from '../state/store.ts';

const BEAT_MS = 1000;
/** The tone sounds on the first of so many beats; the title changes on each. */
const BEATS_A_TONE = 3;

interface BellParts {
  readonly store: Store<ConsoleState, ConsoleEvent>;
  readonly clock: Clock;
  readonly tone: { ring(): void };
  /** Shows how many alarms are unanswered in the page's title, in turns with the plain title. */
  readonly showTitle: (alarms: number, face: 'alarm' | 'plain') => void;
}

/** Sounds and flashes while alarms are unanswered: at once at each new one, then in a steady beat. */
export class AlarmBell {
  readonly #parts: BellParts;
  #cancelBeat: Cancel = () => undefined;
  #end: () => void = () => undefined;
  #ringing: ReadonlySet<string> = new Set();
  #beat = 0;

  constructor(parts: BellParts) {
    this.#parts = parts;
  }

  start(): void {
    this.close();
    this.#end = this.#parts.store.subscribe((state) => this.#onState(state));
    this.#onState(this.#parts.store.state);
  }

  close(): void {
    this.#end();
    this.#cancelBeat();
  }

  #onState({ ringing }: ConsoleState): void {
    if (ringing === this.#ringing) return;
    const isNew = [...ringing].some((id) => !this.#ringing.has(id));
    this.#ringing = ringing;
    if (ringing.size === 0) this.#rest();
    else if (isNew) this.#restart();
  }

  #restart(): void {
    this.#cancelBeat();
    this.#beat = 0;
    this.#onBeat();
    this.#cancelBeat = this.#parts.clock.every(BEAT_MS, () => this.#onBeat());
  }

  #onBeat(): void {
    if (this.#beat % BEATS_A_TONE === 0) this.#parts.tone.ring();
    this.#parts.showTitle(this.#ringing.size, this.#beat % 2 === 0 ? 'alarm' : 'plain');
    this.#beat += 1;
  }

  #rest(): void {
    this.#cancelBeat();
    this.#parts.showTitle(0, 'plain');
  }
}
