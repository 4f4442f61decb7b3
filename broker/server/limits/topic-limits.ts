import type { ErrorCode } from '#contract/errors.ts';
import type { ConnectionLimits } from './connection-limits.ts';

const SLASH = 0x2f;
const WILDCARD = /[+#]/;

/** How long and deep topics and filters may be, and how many subscriptions one client may have. */
export class TopicLimits {
  readonly #limits: ConnectionLimits;
  /** By connection; what aedes knows of it comes later than the next filter of the same packet. */
  readonly #granted = new WeakMap<object, Set<string>>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  refusePublish(topic: string): ErrorCode | null {
    return this.#fits(topic) ? null : 'WP3125';
  }

  /** Counts the subscription when it is granted. One that replaces another costs nothing. */
  subscribe(client: object, filter: string): ErrorCode | null {
    if (!this.#fits(filter)) return 'WP3126';
    const granted = this.#granted.get(client) ?? new Set<string>();
    this.#granted.set(client, granted);
    if (granted.has(filter)) return null;
    if (granted.size >= this.#limits.subscriptions) return 'WP3127';
    if (WILDCARD.test(filter) && wildcardsOf(granted) >= this.#limits.wildcards) return 'WP3127';
    granted.add(filter);
    return null;
  }

  unsubscribe(client: object, filters: readonly string[]): void {
    for (const filter of filters) this.#granted.get(client)?.delete(filter);
  }

  /** Whether this was granted to the client; true for one that is not connected. */
  admits(client: object, filter: string): boolean {
    return this.#granted.get(client)?.has(filter) ?? true;
  }

  #fits(topic: string): boolean {
    const { topicBytes, topicLevels } = this.#limits;
    if (topic.length > topicBytes || Buffer.byteLength(topic) > topicBytes) return false;
    let levels = 1;
    for (let at = 0; at < topic.length; at++) if (topic.charCodeAt(at) === SLASH) levels += 1;
    return levels <= topicLevels;
  }
}

const wildcardsOf = (filters: ReadonlySet<string>): number =>
  [...filters].filter((filter) => WILDCARD.test(filter)).length;
