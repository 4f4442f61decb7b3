import * as z from 'zod';
import type { GroupCommit } from '../ports.ts';
import { FilterTree } from './topic-filters.ts';

const Options = z.object({
  qos: z.number(),
  rh: z.number().optional(),
  rap: z.boolean().optional(),
  nl: z.boolean().optional(),
  subscriptionIdentifier: z.number().optional(),
});
type Options = z.infer<typeof Options>;
export type Subscription = Options & { topic: string };
export type SessionSubscription = Options & { clientId: string; topic: string };

/** Topics whose subscribers are remembered until a subscription changes. */
const REMEMBERED = 1000;

/**
 * Who gets what with QoS 1 or 2: subscriptions of sessions that are kept, on disk and in memory, and those of clean
 * sessions, in memory. Those with QoS 0 are aedes's affair and queue nothing.
 */
export class SubscriptionStore {
  readonly #store: GroupCommit;
  /** Of sessions that are kept. */
  readonly #byClient = new Map<string, Map<string, Options>>();
  readonly #clean = new Map<string, Set<string>>();
  readonly #tree = new FilterTree<SessionSubscription>();
  readonly #matching = new Map<string, SessionSubscription[]>();
  readonly #granted = new Map<string, ReadonlyMap<string, number>>();

  constructor(store: GroupCommit) {
    this.#store = store;
  }

  load(): void {
    const rows = this.#store.sql.prepare<[], { client: string; topic: string; options: string }>(
      'SELECT client, topic, options FROM mqtt_subscription ORDER BY row',
    );
    for (const { client, topic, options } of rows.all()) {
      this.#remember(client, topic, Options.parse(JSON.parse(options)));
    }
  }

  get counts(): { subsCount: number; clientsCount: number } {
    return { subsCount: this.#tree.size, clientsCount: this.#byClient.size };
  }

  /** Inside a commit. */
  add(client: string, subscriptions: readonly Subscription[]): void {
    const wanted = subscriptions.map((each) => [each.topic, Options.parse(each)] as const);
    const put = this.#store.sql.prepare(
      'INSERT INTO mqtt_subscription (client, topic, options) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET options = excluded.options',
    );
    for (const [topic, options] of wanted) put.run(client, topic, JSON.stringify(options));
    this.#store.afterCommit(() => {
      for (const [topic, options] of wanted) this.#remember(client, topic, options);
    });
  }

  remove(client: string, topics: readonly string[]): Promise<void> {
    return this.#store.commit((sql) => {
      const remove = sql.prepare('DELETE FROM mqtt_subscription WHERE client = ? AND topic = ?');
      for (const topic of topics) remove.run(client, topic);
      this.#store.afterCommit(() => {
        for (const topic of topics) this.#forgetOne(client, topic);
      });
    });
  }

  /** Of a clean session. */
  addClean(client: string, { topic, qos }: Subscription): void {
    const topics = this.#clean.get(client) ?? new Set<string>();
    this.#clean.set(client, topics);
    topics.add(topic);
    this.#match(client, topic, { qos });
  }

  removeClean(client: string, topics: readonly string[]): void {
    for (const topic of topics) if (this.#clean.get(client)?.delete(topic)) this.#unmatch(client, topic);
  }

  /** The session has ended: nothing matches for it any more. Its rows went with it. */
  forget(client: string): void {
    for (const topic of this.#byClient.get(client)?.keys() ?? []) this.#unmatch(client, topic);
    for (const topic of this.#clean.get(client) ?? []) this.#unmatch(client, topic);
    this.#byClient.delete(client);
    this.#clean.delete(client);
  }

  of(client: string): Subscription[] {
    return [...(this.#byClient.get(client) ?? [])].map(([topic, options]) => ({ topic, ...options }));
  }

  matching(topic: string): SessionSubscription[] {
    const known = this.#matching.get(topic);
    if (known !== undefined) return known;
    const matching = this.#tree.match(topic);
    if (this.#matching.size >= REMEMBERED) this.#matching.clear();
    this.#matching.set(topic, matching);
    return matching;
  }

  /** The highest QoS that each client has been granted for this topic [MQTT-3.3.5-1]; those with 0 are left out. */
  granted(topic: string): ReadonlyMap<string, number> {
    const known = this.#granted.get(topic);
    if (known !== undefined) return known;
    const granted = highestOf(this.matching(topic));
    if (this.#granted.size >= REMEMBERED) this.#granted.clear();
    this.#granted.set(topic, granted);
    return granted;
  }

  clientsOf(topic: string): string[] {
    return [...this.#byClient].filter(([, topics]) => topics.has(topic)).map(([client]) => client);
  }

  #remember(client: string, topic: string, options: Options): void {
    const topics = this.#byClient.get(client) ?? new Map<string, Options>();
    this.#byClient.set(client, topics);
    topics.set(topic, options);
    const { subscriptionIdentifier: _, ...matched } = options;
    this.#match(client, topic, matched);
  }

  #forgetOne(client: string, topic: string): void {
    const topics = this.#byClient.get(client);
    if (topics === undefined) return;
    topics.delete(topic);
    this.#unmatch(client, topic);
    if (topics.size === 0) this.#byClient.delete(client);
  }

  #match(client: string, topic: string, options: Options): void {
    this.#granted.clear();
    this.#matching.clear();
    if (options.qos > 0) this.#tree.set(topic, client, { clientId: client, topic, ...options });
    else this.#tree.delete(topic, client);
  }

  #unmatch(client: string, topic: string): void {
    this.#granted.clear();
    this.#matching.clear();
    this.#tree.delete(topic, client);
  }
}

/** By client, the highest QoS among subscriptions that overlap. */
export function highestOf(
  subscriptions: readonly { readonly clientId: string; readonly qos?: number }[],
): Map<string, number> {
  const highest = new Map<string, number>();
  for (const { clientId, qos = 2 } of subscriptions) {
    highest.set(clientId, Math.max(qos, highest.get(clientId) ?? 0));
  }
  return highest;
}
