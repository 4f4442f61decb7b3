import type { ServiceManager } from '#contract/service-manager.ts';
import type { LogOutput } from './log-output.ts';
import type { StartNotes } from './ports/starts.ts';

/** Everything must have stopped by then (DESIGN: 10 s). */
const STOP_WITHIN_MS = 9_000;

export interface EndingParts {
  readonly output: LogOutput;
  readonly manager: ServiceManager | null;
  readonly notes: StartNotes;
}

/** How this process ends in order, once: for good, or to be started again. */
export class Ending {
  readonly #parts: EndingParts;
  #isStopping = false;
  #then: () => void = () => undefined;
  /** Closes what was started. */
  close: () => Promise<void> = async () => undefined;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  stop(code: number): void {
    // Told to end while it was to begin anew: it ends.
    this.#then = () => process.exit(code);
    if (!this.#isStopping) this.#stop(code);
  }

  /** Into the slot that is to run now. Where no service manager would start it again it does so itself: the same process. */
  again(): void {
    if (this.#isStopping) return;
    this.#parts.output.log.info({}, 'agent.begins-anew');
    this.#then = this.#parts.manager === null ? beginAnew : () => process.exit(0);
    this.#stop(0);
  }

  #stop(code: number): void {
    const { output, manager, notes } = this.#parts;
    this.#isStopping = true;
    manager?.stopping();
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    this.close()
      .then(
        () => code === 0,
        (error: unknown) => {
          output.log.error({ err: error }, 'agent.not-closed');
          this.#then = () => process.exit(1);
          return false;
        },
      )
      .then((isInOrder) => {
        output.log.info({}, 'agent.closed');
        if (isInOrder) notes.ended('normal');
        output.flush(() => this.#then());
      });
  }
}

/** execve(2): the process stays, so that whoever waits for it waits on; all that it held open is closed. */
function beginAnew(): void {
  const { execPath, execArgv, argv, env } = process;
  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], env);
  process.exit(0);
}
