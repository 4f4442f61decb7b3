import type { WatchpostError } from '#contract/errors.ts';

const DETAIL_LIMIT = 400;

/** How the voice is: `failed` means silence, `degraded` means that something is not heard. */
export interface VoiceHealth {
  readonly state: 'ok' | 'degraded' | 'failed';
  readonly code?: string;
  /** At most 400 characters, as `wp.health.changed.v1` allows. */
  readonly detail?: string;
}

/** What can be wrong at a time, worst first. */
const SOURCES = ['clips', 'player', 'prompt'] as const;
type Source = (typeof SOURCES)[number];

/** Remembers what is wrong and tells of each change once. */
export class HealthReport {
  readonly #onHealth: (health: VoiceHealth) => void;
  readonly #problems = new Map<Source, WatchpostError>();
  #last = 'ok';

  constructor(onHealth: (health: VoiceHealth) => void) {
    this.#onHealth = onHealth;
  }

  set(source: Source, problem: WatchpostError | null): void {
    if (problem === null) this.#problems.delete(source);
    else this.#problems.set(source, problem);
    const health = this.#judge();
    const summary = [health.state, health.code].join(' ').trim();
    if (summary === this.#last) return;
    this.#last = summary;
    this.#onHealth(health);
  }

  #judge(): VoiceHealth {
    for (const source of SOURCES) {
      const problem = this.#problems.get(source);
      if (problem === undefined) continue;
      const state = source === 'clips' ? 'failed' : 'degraded';
      return { state, code: problem.code, detail: problem.message.slice(0, DETAIL_LIMIT) };
    }
    return { state: 'ok' };
  }
}
