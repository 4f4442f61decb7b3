import type { Cancel, Clock } from '#contract/clock.ts';

/** As much of a serial port as is needed to find out that its line is gone. */
export interface WatchedLine {
  readonly isOpen: boolean;
  /** Asks the kernel whether everything written is out. */
  drain(then: (cause: Error | null | undefined) => void): void;
  close(then: () => void): void;
}

/** A cable that was pulled is found out by then. */
const ASK_EVERY_MS = 1_000;

/**
 * Closes a line that was hung up, until cancelled. serialport notices it only while it waits: behind something to read
 * it takes the end of the line for nothing to read and reads on without end, a core at its full (bindings-cpp 13,
 * unixRead). A question to the kernel fails on such a line (EIO) and costs nothing on a sound one.
 */
export function closeWhenHungUp(line: WatchedLine, clock: Clock): Cancel {
  return clock.every(ASK_EVERY_MS, () => {
    if (!line.isOpen) return;
    line.drain((cause) => {
      if (cause instanceof Error && line.isOpen) line.close(() => undefined);
    });
  });
}
