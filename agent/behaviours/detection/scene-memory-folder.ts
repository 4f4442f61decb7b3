import { createHash } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { memoryBackedFolder, memoryBackedPlaces, removeFolder } from '#agent/ports/memory-backed.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface SceneMemoryFolderOptions {
  /** The device's own folder for evidence: with the camera's name it tells one camera from all others. */
  readonly evidenceDir: string;
  readonly camera: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly places?: readonly string[];
}

/** Twice as old as what is still taken. */
const ABANDONED_MS = 600_000;

/**
 * Where the vision process keeps its scene for a restart: on memory-backed storage, for this user alone. It holds a
 * picture of the scene, so it is removed when the agent ends; after a crash of the agent the next one finds it.
 */
export class SceneMemoryFolder {
  readonly #options: SceneMemoryFolderOptions;
  #folder: string | null = null;

  constructor(options: SceneMemoryFolderOptions) {
    this.#options = options;
  }

  /** Makes the folder; undefined where there is no place for it, which is said. */
  prepare(): string | undefined {
    const { evidenceDir, camera, log, places = memoryBackedPlaces() } = this.#options;
    const key = createHash('sha256').update(`${evidenceDir}\n${camera}`).digest('hex').slice(0, 24);
    this.#folder = memoryBackedFolder(`watchpost-${key}`, places);
    if (this.#folder !== null) this.#sweep(dirname(this.#folder));
    else log.warn({ code: 'WP2472', places }, 'scene-memory-none');
    return this.#folder ?? undefined;
  }

  /** What a device that never came back has left: nobody would use it, and it is a picture. */
  #sweep(place: string): void {
    for (const file of globSync(`${place}/watchpost-${'[0-9a-f]'.repeat(24)}/scene{,.part}`)) {
      try {
        if (this.#options.clock.wallMs() - statSync(file).mtimeMs > ABANDONED_MS) removeFolder(file);
      } catch (error) {
        this.#options.log.warn({ err: error }, 'scene-memory-not-swept');
      }
    }
  }

  remove(): void {
    if (this.#folder !== null) removeFolder(this.#folder);
    this.#folder = null;
  }
}
