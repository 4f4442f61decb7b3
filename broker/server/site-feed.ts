import type { EvidenceItem } from '#broker/persistence/ledger/evidence.ts';
import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { Log } from '#contract/log.ts';
import type { CommandReply } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { SentReceipt } from './ingest/receipts.ts';

/** What the site tells, always after the commit. */
export interface SiteNews {
  readonly event: LedgerEvent;
  /** Its state, presence or last sign of life is another one. */
  readonly device: DeviceAddress;
  readonly reply: { readonly address: DeviceAddress; readonly reply: CommandReply };
  readonly evidence: EvidenceItem;
  /** A person, or a service by its client id, has subscribed to what brings evidence. */
  readonly listening: { readonly who: string; readonly filter: string };
  /** A receipt is out. */
  readonly receipt: SentReceipt;
  /** It has subscribed to what the site sends down: time to say what it may have missed. */
  readonly subscribed: DeviceAddress;
}

type Listener<K extends keyof SiteNews> = (news: SiteNews[K]) => void;
type Listeners = { readonly [K in keyof SiteNews]: Set<Listener<K>> };

/** A typed notice board. A listener that throws is logged and harms nobody else. */
export class SiteFeed {
  readonly #log: Log;
  readonly #listeners: Listeners = {
    event: new Set(),
    device: new Set(),
    reply: new Set(),
    evidence: new Set(),
    listening: new Set(),
    receipt: new Set(),
    subscribed: new Set(),
  };

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns what ends it. */
  on<K extends keyof SiteNews>(kind: K, listener: Listener<K>): () => void {
    this.#listeners[kind].add(listener);
    return () => {
      this.#listeners[kind].delete(listener);
    };
  }

  tell<K extends keyof SiteNews>(kind: K, news: SiteNews[K]): void {
    for (const listener of this.#listeners[kind]) {
      try {
        listener(news);
      } catch (error) {
        this.#log.error({ kind, error: String(error) }, 'feed.listener-failed');
      }
    }
  }
}
