import * as z from 'zod';
import type { GroupCommit } from './ports.ts';
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

/** Subscriptions of persistent sessions: on disk, and in memory for matching. Those with QoS 0 queue nothing. */
export class SubscriptionStore {
  readonly #store: GroupCommit;
  readonly #byClient = new Map<string, Map<string, Options>>();
  readonly #tree = new FilterTree<SessionSubscription>();

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

  add(client: string, subscriptions: readonly Subscription[]): Promise<void> {
    const wanted = subscriptions.map((each) => [each.topic, Options.parse(each)] as const);
    return this.#store.commit((sql) => {
      const put = sql.prepare(
        'INSERT INTO mqtt_subscription (client, topic, options) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET options = excluded.options',
      );
      for (const [topic, options] of wanted) put.run(client, topic, JSON.stringify(options));
      this.#store.afterCommit(() => {
        for (const [topic, options] of wanted) this.#remember(client, topic, options);
      });
    });
  }

  remove(client: string, topics: readonly string[]): Promise<void> {
    return this.#store.commit((sql) => {
      const remove = sql.prepare('DELETE FROM mqtt_subscription WHERE client = ? AND topic = ?');
      for (const topic of topics) remove.run(client, topic);
      this.#store.afterCommit(() => {
        for (const topic of topics) this.#forget(client, topic);
      });
    });
  }

  of(client: string): Subscription[] {
    return [...(this.#byClient.get(client) ?? [])].map(([topic, options]) => ({ topic, ...options }));
  }

  matching(topic: string): SessionSubscription[] {
    return this.#tree.match(topic);
  }

  clientsOf(topic: string): string[] {
    return [...this.#byClient].filter(([, topics]) => topics.has(topic)).map(([client]) => client);
  }

  #remember(client: string, topic: string, options: Options): void {
    const topics = this.#byClient.get(client) ?? new Map<string, Options>();
    this.#byClient.set(client, topics);
    topics.set(topic, options);
    const { subscriptionIdentifier: _, ...matched } = options;
    if (options.qos > 0) this.#tree.set(topic, client, { clientId: client, topic, ...matched });
    else this.#tree.delete(topic, client);
  }

  #forget(client: string, topic: string): void {
    const topics = this.#byClient.get(client);
    if (topics === undefined) return;
    topics.delete(topic);
    this.#tree.delete(topic, client);
    if (topics.size === 0) this.#byClient.delete(client);
  }
}
