import type { Receipt } from '#contract/messages.ts';
import { TestBroker } from '../../link/support/test-broker.ts';
import { ModelLedger } from '../support/model-ledger.ts';

const RECEIPT = 'wp/1/demo/pillar-001/down/receipt';
const LANES = /\/up\/(alarm|event|telemetry)$/;

/** A real broker with the model of a ledger behind it: what is published is taken, and a receipt goes back. */
export class KillSite {
  readonly broker = new TestBroker();
  readonly ledger = new ModelLedger();
  /** Changes the next receipt of the alarm lane, once. */
  forge: ((receipt: Receipt) => Receipt) | null = null;
  #taken = 0;

  async start(): Promise<this> {
    await this.broker.start();
    this.broker.on('heard', () => this.#takeAll());
    return this;
  }

  close(): Promise<void> {
    return this.broker.close();
  }

  #takeAll(): void {
    for (; this.#taken < this.broker.heard.length; this.#taken += 1) {
      const heard = this.broker.heard[this.#taken];
      if (heard === undefined || !LANES.test(heard.topic)) continue;
      void this.broker.send(RECEIPT, JSON.stringify(this.#answer(heard.body)));
    }
  }

  #answer(body: string): Receipt {
    const receipt = this.ledger.take(body);
    if (this.forge === null || receipt.lane !== 'alarm') return receipt;
    const forged = this.forge(receipt);
    this.forge = null;
    return forged;
  }
}
