import { connect } from 'node:net';

export const REACH_LIMIT_MS = 5_000;

/** Why nothing answers there by TCP, or null. */
export function reach(host: string, port: number, limitMs = REACH_LIMIT_MS): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(limitMs, () => end(`no answer within ${limitMs / 1000} s`));
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(explained(error)));
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name (DNS)',
  EAI_AGAIN: 'names cannot be looked up (DNS)',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no way to that machine',
  ENETUNREACH: 'no network',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'it ended the connection',
};

/** What a technician is told of an error of a connection. Several addresses of one name fail together. */
export function explained(error: Error): string {
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = 'code' in first ? String(first.code) : '';
  const reason = REASONS[code];
  return reason === undefined ? `${code} ${first.message}`.trim() : `${reason}, ${code}`;
}
