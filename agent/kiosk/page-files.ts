import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface PageFile {
  readonly body: Buffer;
  readonly type: string;
  /** Assets carry a hash of their content in their names. */
  readonly keep: 'for-ever' | 'never';
}

/** Where the page looks for the number to call while nothing has been told to it. */
const NUMBER_PLACE = 'name="emergency-number" content=""';

/** The page's bundle: `index.html` and the assets beside it, by the names found at the start and no others. */
export class PageFiles {
  readonly #dir: string;
  readonly #emergencyNumber: string;
  #assets: readonly string[] = [];

  constructor({ dir, emergencyNumber }: { dir: string; emergencyNumber: string }) {
    this.#dir = dir;
    this.#emergencyNumber = emergencyNumber;
  }

  /** The name of the page's script, by which an open page knows whether it is the one that is served. */
  get script(): string {
    return this.#assets.find((name) => name.endsWith('.js')) ?? '';
  }

  /** Rejects with WP2702. */
  async start(): Promise<void> {
    try {
      await readFile(join(this.#dir, 'index.html'));
      const names = await readdir(join(this.#dir, 'assets'));
      this.#assets = names.filter((name) => Object.hasOwn(TYPES, endingOf(name)));
    } catch (cause) {
      throw new WatchpostError('WP2702', { detail: this.#dir, cause });
    }
  }

  /** Rejects with WP2706 when there is no such file, WP2702 when it has gone. */
  async find(path: string): Promise<PageFile> {
    if (path === '/') return this.#page();
    const asset = this.#assets.find((name) => path === `/assets/${name}`);
    if (asset === undefined) throw new WatchpostError('WP2706', { detail: path.slice(0, 80) });
    const type = TYPES[endingOf(asset)] ?? 'application/octet-stream';
    return { body: await this.#read(join('assets', asset)), type, keep: 'for-ever' };
  }

  async #page(): Promise<PageFile> {
    const text = (await this.#read('index.html')).toString('utf8');
    const filled = text.replace(NUMBER_PLACE, NUMBER_PLACE.replace('""', `"${this.#emergencyNumber}"`));
    return { body: Buffer.from(filled), type: 'text/html; charset=utf-8', keep: 'never' };
  }

  async #read(name: string): Promise<Buffer> {
    try {
      return await readFile(join(this.#dir, name));
    } catch (cause) {
      throw new WatchpostError('WP2702', { detail: name, cause });
    }
  }
}

const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
