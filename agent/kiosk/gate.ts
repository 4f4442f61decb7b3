import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

/** A visitor's finger is far slower; a page that is loaded asks for four things at once. */
const BURST = 40;
const PER_SECOND = 10;

/**
 * Who is let in: requests to the page's own address, from the page itself, with the token where anything is told or
 * done, and not too many. Other names that lead to this address (DNS rebinding) and other pages are refused.
 */
export class Gate {
  readonly #token: Buffer;
  readonly #hosts: readonly string[];
  readonly #known: TokenBucket;
  readonly #strangers: TokenBucket;

  constructor({ token, port, clock }: { token: string; port: number; clock: Clock }) {
    this.#token = digest(token);
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#known = new TokenBucket(clock);
    this.#strangers = new TokenBucket(clock);
  }

  /** For the page and its assets. Throws WP2703, WP2704 or WP2709. */
  admit({ headers }: IncomingMessage): void {
    const { host, origin } = headers;
    const site = headers['sec-fetch-site'];
    if (host === undefined || !this.#hosts.includes(host)) throw new WatchpostError('WP2703');
    if (origin !== undefined && origin !== `http://${host}`) throw new WatchpostError('WP2704');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new WatchpostError('WP2704');
    const bucket = this.#isKnown(headers.authorization) ? this.#known : this.#strangers;
    if (!bucket.take()) throw new WatchpostError('WP2709');
  }

  /** For what tells or does anything. Throws WP2705 too. */
  admitKnown(request: IncomingMessage): void {
    this.admit(request);
    if (!this.#isKnown(request.headers.authorization)) throw new WatchpostError('WP2705');
  }

  #isKnown(authorization: string | undefined): boolean {
    const [scheme, token = ''] = authorization?.split(' ') ?? [];
    return scheme === 'Bearer' && timingSafeEqual(digest(token), this.#token);
  }
}

/** Lets a burst through, then so many a second. Strangers cannot use up what the page has. */
class TokenBucket {
  readonly #clock: Clock;
  #left = BURST;
  #atMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.monoMs();
  }

  take(): boolean {
    const nowMs = this.#clock.monoMs();
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#atMs) * PER_SECOND) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
