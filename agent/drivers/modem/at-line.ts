import type { SerialPort } from 'serialport';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { closeWhenHungUp } from '../../ports/hung-up-line.ts';

const LIMIT_MS = 5000;
const MOST_CHARACTERS = 4096;

export interface AtCall {
  readonly serial: string;
  readonly baudRate: number;
  readonly ask: string;
  readonly clock: Clock;
}

/**
 * Opens the line, asks one thing and closes it again, so that others may use the modem in between. Resolves with the
 * lines before `OK`. Rejects with WP2371 (no package serialport), WP2377 (cannot be opened), WP2378 (no OK).
 */
export async function askLine({ serial, baudRate, ask, clock }: AtCall): Promise<readonly string[]> {
  const port = await open(serial, baudRate);
  const rest = closeWhenHungUp(port, clock);
  try {
    return await answerTo(port, ask, clock);
  } finally {
    rest();
    await new Promise<void>((resolve) => {
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
  }
}

async function open(serial: string, baudRate: number): Promise<SerialPort> {
  const { SerialPort } = await import('serialport').catch((cause: unknown) => {
    throw new WatchpostError('WP2371', { cause });
  });
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path: serial, baudRate }, (cause) => {
      if (cause === null) resolve(port);
      else reject(new WatchpostError('WP2377', { detail: `${serial}: ${cause.message}`, cause }));
    });
  });
}

/** Echo, empty lines and what a modem says unasked are among the lines; `ERROR` and `+CME ERROR: n` end it. */
function answerTo(port: SerialPort, ask: string, clock: Clock): Promise<readonly string[]> {
  let text = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      cancel();
      reject(new WatchpostError('WP2378', { detail: `${ask}: ${why}` }));
    };
    const cancel = clock.after(LIMIT_MS, () => fail('no answer'));
    port.on('error', (cause) => fail(cause.message));
    port.once('close', () => fail('the line is gone'));
    port.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      if (text.length > MOST_CHARACTERS) return fail('it does not stop');
      const lines = text.split(/[\r\n]+/).slice(0, -1);
      const refusal = lines.find((line) => /^(ERROR|\+CM[ES] ERROR.*)$/.test(line));
      if (refusal !== undefined) return fail(refusal);
      if (!lines.includes('OK')) return;
      cancel();
      resolve(lines);
    });
    port.write(`${ask}\r`);
  });
}
