import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { closeWhenHungUp } from '../../ports/hung-up-line.ts';
import type { ReceiverChoice } from './config.ts';
import { WATCH } from './gpsd.ts';

/** A SKY of gpsd with all satellites is at most 10 KiB (GPS_JSON_RESPONSE_MAX). */
const MOST_CHARACTERS = 16_384;

export interface LineListener {
  line(text: string): void;
  /** It has ended, by itself. */
  ended(error: WatchpostError): void;
}

/** A connection to a receiver; `close` tells no end. */
export interface LineSource {
  close(): void;
}

/** What is open, and how it is shut: destroying a serial port does not close its line. */
interface Connection {
  readonly stream: Duplex;
  readonly shut: () => void;
}

/** Opens the connection. Rejects with WP2370 when nothing answers there, and WP2371 without the package serialport. */
export async function openLines(
  choice: ReceiverChoice,
  listener: LineListener,
  clock: Clock,
): Promise<LineSource> {
  const where = choice.gpsd ?? choice.serial ?? '';
  const { stream, shut } =
    choice.gpsd === undefined ? await openSerial(choice, clock) : await openGpsd(where);
  let closed = false;
  const end = (why: string) => {
    if (closed) return;
    closed = true;
    shut();
    listener.ended(new WatchpostError('WP2370', { detail: `${where}: ${why}` }));
  };
  const lines = new Lines((line) => {
    if (!closed) listener.line(line);
  });
  stream.on('data', (piece: Buffer) => lines.add(piece.toString('latin1')));
  stream.on('error', (cause) => end(cause.message));
  stream.once('close', () => end('it has ended'));
  return {
    close: () => {
      closed = true;
      shut();
    },
  };
}

async function openGpsd(where: string): Promise<Connection> {
  const [host = '', port = ''] = where.split(':');
  const socket = connect({ host, port: Number(port), keepAlive: true, timeout: 5000 });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(new WatchpostError('WP2370', { detail: `${where}: ${why}` }));
    };
    const onError = (cause: Error) => fail(cause.message);
    socket.once('error', onError);
    socket.once('timeout', () => fail('no answer'));
    socket.once('connect', () => {
      socket.off('error', onError);
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.write(WATCH);
      resolve({ stream: socket, shut: () => socket.destroy() });
    });
  });
}

async function openSerial({ serial = '', baudRate }: ReceiverChoice, clock: Clock): Promise<Connection> {
  const { SerialPort } = await import('serialport').catch((cause: unknown) => {
    throw new WatchpostError('WP2371', { cause });
  });
  const port = new SerialPort({ path: serial, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((cause) => {
      if (cause === null) resolve();
      else reject(new WatchpostError('WP2370', { detail: `${serial}: ${cause.message}`, cause }));
    });
  });
  const rest = closeWhenHungUp(port, clock);
  port.once('close', rest);
  return {
    stream: port,
    shut: () => {
      rest();
      if (port.isOpen) port.close(() => undefined);
    },
  };
}

/** Cuts text into lines; one that is too long is dropped. */
class Lines {
  readonly #take: (line: string) => void;
  #rest = '';
  #skipping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  add(text: string): void {
    const [first = '', ...others] = text.split('\n');
    this.#rest += first;
    for (const next of others) {
      if (!this.#skipping) this.#take(this.#rest.replace(/\r$/, ''));
      this.#skipping = false;
      this.#rest = next;
    }
    if (this.#rest.length <= MOST_CHARACTERS) return;
    this.#rest = '';
    this.#skipping = true;
  }
}
