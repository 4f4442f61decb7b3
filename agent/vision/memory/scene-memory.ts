import type { Clock } from '#contract/clock.ts';
import type { DetectorMemory } from '../detector-memory.ts';
import type { KeptScene, SceneFile } from './scene-file.ts';

/** What is kept of: the camera of this process. */
export interface Remembering {
  /** Null while nothing is known. */
  save(): DetectorMemory | null;
  /** Before the next picture, which comes `gapS` after the last one of `memory`. */
  restore(memory: DetectorMemory, gapS: number): void;
}

export interface SceneMemoryOptions {
  readonly file: SceneFile;
  /** What a memory is of, where `source` is what is watched; null for one of which nothing is kept. */
  readonly identityOf: (source: string) => string | null;
  readonly clock: Clock;
  readonly complain: (error: unknown) => void;
}

/**
 * What happens between the last one and the end is lost, and with it who put a thing down: so it is often. A scene of
 * 320×180 takes about 1 ms, one of 640×360 about 10 (two shared cores, busy).
 */
const EVERY_MS = 2000;

/** Keeps the scene for the process that comes after this one, and takes over what the one before has left. */
export class SceneMemory {
  readonly #options: SceneMemoryOptions;
  #identity: string | null = null;
  #kept: KeptScene | null = null;
  #writtenMs: number;
  #hasFailed = false;

  constructor(options: SceneMemoryOptions) {
    this.#options = options;
    this.#writtenMs = options.clock.monoMs();
  }

  /**
   * Looks for what was left of `source`; before the first picture. It stays until there is one: a process that ends
   * because its camera gives none must not take the scene with it.
   */
  take(source: string): void {
    const { file, identityOf, complain } = this.#options;
    this.#identity = identityOf(source);
    try {
      this.#kept = this.#identity === null ? null : file.read(this.#identity);
    } catch (error) {
      complain(error);
    }
  }

  /** With the first picture: the scene goes on if it is not too old by now. Answers when it was, and how long ago. */
  revive(camera: Remembering): { readonly t: number; readonly gapS: number } | null {
    const { file } = this.#options;
    const kept = this.#kept;
    this.#kept = null;
    if (kept === null) return null;
    file.remove();
    if (file.isOld(kept)) return null;
    const gapS = file.ageS(kept);
    camera.restore(kept.memory, gapS);
    return { t: kept.memory.t, gapS };
  }

  /** After each picture: every two seconds it is time. */
  tick(camera: Remembering): void {
    if (this.#options.clock.monoMs() - this.#writtenMs >= EVERY_MS) this.write(camera);
  }

  /** At once: after every report, since what was reported must not be reported again. */
  write(camera: Remembering): void {
    this.#writtenMs = this.#options.clock.monoMs();
    const memory = this.#identity === null ? null : camera.save();
    if (memory === null || this.#identity === null) return;
    try {
      this.#options.file.write(memory, this.#identity);
    } catch (error) {
      // Said once: where it does not work it will not work every two seconds.
      if (!this.#hasFailed) this.#options.complain(error);
      this.#hasFailed = true;
    }
  }

  /** Another scene comes, that of `source`. */
  forget(source: string): void {
    const { file, identityOf } = this.#options;
    this.#identity = identityOf(source);
    this.#kept = null;
    file.remove();
  }
}
