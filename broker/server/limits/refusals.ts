import type { Duplex } from 'node:stream';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ServerMetrics } from '../metrics.ts';

export interface RefusalsParts {
  readonly metrics: ServerMetrics;
  readonly log: Log;
}

/** Errors by which aedes ends a connection, and what they are called here. */
const OF_THE_ENGINE: readonly [RegExp, ErrorCode][] = [
  [/^keep alive timeout$/, 'WP3130'],
  [/^drain timeout$/, 'WP3107'],
  [/^maxInflightInbound exceeded/, 'WP3129'],
  [/^connect did not arrive in time$/, 'WP3124'],
  [/^topic has too many levels$/, 'WP3125'],
  [/^(connection closed|packet received not valid)$/, 'WP3132'],
];

/** Whatever is refused is counted and logged here, and the end of a connection once, by its first reason. */
export class Refusals {
  readonly #parts: RefusalsParts;
  readonly #ended = new WeakSet<Duplex>();

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  /** Something was refused, and the connection goes on (or there was none). */
  note(code: ErrorCode, fields: object): void {
    this.#parts.metrics.refused.inc({ reason: code });
    this.#parts.log.warn({ code, ...fields }, 'mqtt.refused');
  }

  /** A connection is about to end for this reason. */
  ends(stream: Duplex, code: ErrorCode, fields: object): void {
    if (this.#ended.has(stream)) return;
    this.#ended.add(stream);
    this.note(code, fields);
  }

  /** aedes has ended a connection with an error. */
  ended(stream: Duplex, error: Error, fields: object): void {
    if (this.#ended.has(stream)) return;
    const code = codeOf(error);
    // What the gate refuses it has logged itself; a network that breaks is nobody's fault.
    if (!(error instanceof WatchpostError) && code !== 'WP3132') {
      this.ends(stream, code, { ...fields, error: error.message });
      return;
    }
    this.#ended.add(stream);
    this.#parts.metrics.refused.inc({ reason: code });
    this.#parts.log.debug({ code, ...fields, error: error.message }, 'mqtt.ended');
  }
}

function codeOf(error: Error): ErrorCode {
  if (error instanceof WatchpostError) return error.code;
  const known = OF_THE_ENGINE.find(([pattern]) => pattern.test(error.message));
  if (known !== undefined) return known[1];
  // ECONNRESET, EPIPE, ETIMEDOUT and their like.
  return 'code' in error && 'syscall' in error ? 'WP3132' : 'WP3102';
}
