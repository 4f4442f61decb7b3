import type { FirmataBoard } from './board.ts';
import type { FirmataOutputConfig } from './config.ts';
import type { FirmataSession } from './session.ts';

/**
 * One pin that is driven. What it is to show is kept while the board is away and shown when it is back; that the
 * board is away is told by the board itself.
 */
export class OutputPin {
  readonly name: string;
  readonly #board: FirmataBoard;
  readonly #config: FirmataOutputConfig;
  readonly #use: 'dimmed' | 'switched';
  #session: FirmataSession | null = null;
  #level = 0;

  constructor({
    name,
    board,
    config,
    use,
  }: {
    name: string;
    board: FirmataBoard;
    config: FirmataOutputConfig;
    use: 'dimmed' | 'switched';
  }) {
    this.name = name;
    this.#board = board;
    this.#config = config;
    this.#use = use;
  }

  /** @throws WatchpostError WP2325 */
  async start(): Promise<void> {
    await this.#board.join(this);
  }

  /** @param level 0 dark or silent, 1 full */
  set(level: number): void {
    this.#level = level;
    this.#session?.write(this.#config.pin, this.#config.activeLow ? 1 - level : level);
  }

  /** Resolves when the pin is dark or silent. */
  async close(): Promise<void> {
    this.set(0);
    const session = this.#session;
    this.#session = null;
    await session?.flush();
    await this.#board.leave(this);
  }

  async attach(session: FirmataSession): Promise<void> {
    session.output(this.#config.pin, { dimmable: this.#use === 'dimmed' });
    this.#session = session;
    this.set(this.#level);
  }

  lost(): void {
    this.#session = null;
  }
}
