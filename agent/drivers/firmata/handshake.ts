import type { Board } from 'johnny-five';
import type { SerialPort } from 'serialport';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

/** An Uno restarts when its line is opened: 0.5–2 s of boot loader before the firmware is there. */
const ANSWERS_WITHIN_MS = 8_000;
/** A board that did not restart says nothing unless asked. */
const ASK_EVERY_MS = 1_000;

interface Patience {
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody waits for the board any more. */
  readonly signal: AbortSignal;
}

export interface GreetedBoard {
  readonly board: Board;
  /** Lets go of everything that the libraries keep of it. */
  forget(): void;
}

/**
 * Waits until the firmware on `line` has said who it is and what its pins can do.
 * @throws WatchpostError WP2322 (no Firmata), WP2323 (gone meanwhile), WP2324 (johnny-five is not installed)
 */
export async function shakeHands(line: SerialPort, { clock, log, signal }: Patience): Promise<GreetedBoard> {
  const { default: five } = await import('johnny-five').catch((cause: unknown) => {
    throw new WatchpostError('WP2324', { detail: 'johnny-five', cause });
  });
  const board = new five.Board({ port: line, repl: false, debug: false, sigint: false });
  board.on('error', (err: unknown) => log.warn({ path: line.path, err }, 'firmata.error'));
  stopTimers(board);
  const forget = () => {
    stopTimers(board);
    board.io.removeAllListeners();
    board.io.on('error', (err: unknown) => log.debug({ path: line.path, err }, 'firmata.error-afterwards'));
    // johnny-five keeps every board it ever had; one that is looked for a thousand times would fill the memory.
    const { cache } = five.Board;
    cache.splice(cache.indexOf(board), 1);
  };
  try {
    await readiness(board, { line, clock, signal });
    return { board, forget };
  } catch (cause) {
    forget();
    throw cause;
  }
}

function readiness(
  board: Board,
  { line, clock, signal }: { line: SerialPort; clock: Clock; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fails = (error: WatchpostError) => {
      end();
      reject(error);
    };
    const gone = () => fails(new WatchpostError('WP2323', { detail: line.path }));
    const ask = () => {
      board.io.reportVersion(() => undefined);
      board.io.queryFirmware(() => undefined);
    };
    const asking = clock.every(ASK_EVERY_MS, ask);
    const waiting = clock.after(ANSWERS_WITHIN_MS, () =>
      fails(new WatchpostError('WP2322', { detail: line.path })),
    );
    const end = () => {
      asking();
      waiting();
      line.off('close', gone);
      signal.removeEventListener('abort', gone);
    };
    line.once('close', gone);
    signal.addEventListener('abort', gone, { once: true });
    board.once('ready', () => {
      end();
      resolve();
    });
    if (signal.aborted) gone();
    else ask();
  });
}

/** Time is kept by our own clock; the two timers of the libraries would outlive a board that is given up. */
function stopTimers(board: Board): void {
  if (board.timer !== null) clearTimeout(board.timer);
  clearTimeout(board.io.reportVersionTimeoutId);
}
