import { createConnection, type Socket } from 'node:net';
import {
  JOURNALLED_WITHIN_MS,
  MAX_LINE_BYTES,
  SimAnswer,
  type SimRequest,
} from '#agent/drivers/sim/protocol.ts';
import { socketPathOf } from '#agent/drivers/sim/socket-path.ts';
import { type Clock, systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

const TRY_EVERY_MS = 100;

export interface SimCallOptions {
  /** How long to wait for a device to open its socket. */
  readonly waitMs?: number;
  readonly clock?: Clock;
}

/** Asks the simulated device in `dir` for one thing. Throws WP2315 when none answers. */
export async function askSim(
  dir: string,
  request: SimRequest,
  { waitMs = 10_000, clock = systemClock }: SimCallOptions = {},
): Promise<SimAnswer> {
  const socket = await reach(dir, waitMs, clock);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return await answerOf(socket, dir, clock);
  } finally {
    socket.destroy();
  }
}

async function reach(dir: string, waitMs: number, clock: Clock): Promise<Socket> {
  const endMs = clock.monoMs() + waitMs;
  for (;;) {
    const socket = await connect(socketPathOf(dir));
    if (socket !== null) return socket;
    if (clock.monoMs() >= endMs) throw new WatchpostError('WP2315', { detail: dir });
    await wait(clock, TRY_EVERY_MS);
  }
}

function connect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

/** The answer's one line. A device that dies meanwhile, or is silent for longer than a press may take, is WP2315. */
function answerOf(socket: Socket, dir: string, clock: Clock): Promise<SimAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const lost = (detail: string) => {
      cancel();
      reject(new WatchpostError('WP2315', { detail: `${dir}: ${detail}` }));
    };
    const cancel = clock.after(JOURNALLED_WITHIN_MS + 2_000, () => lost('it does not answer'));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MAX_LINE_BYTES) return;
      const answer = parseAnswer(text.slice(0, end));
      if (answer === null) return lost('its answer is unreadable');
      cancel();
      resolve(answer);
    });
    socket.on('error', () => lost('the connection broke'));
    socket.on('close', () => lost('it ended before it answered'));
  });
}

function parseAnswer(line: string): SimAnswer | null {
  try {
    return SimAnswer.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
