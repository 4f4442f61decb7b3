import type { CommandName } from '#contract/messages.ts';
import type { ApiClient } from '../api/client.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState, OrderOutcome } from '../state/model.ts';
import type { Store } from '../state/store.ts';

/** What a device is to do. */
export interface Order {
  readonly name: CommandName;
  readonly args: Readonly<Record<string, unknown>>;
}

interface OrdersParts {
  readonly client: Pick<ApiClient, 'order'>;
  readonly store: Store<ConsoleState, ConsoleEvent>;
}

/** Takes the dispatcher's orders to the devices, one at a time for each, and shows what became of them. */
export class DeviceOrders {
  readonly #parts: OrdersParts;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  async give(device: string, order: Order): Promise<void> {
    const { client, store } = this.#parts;
    if (store.state.orders.get(device)?.state === 'sent') return;
    const tell = (outcome: OrderOutcome) => store.dispatch({ type: 'order', device, outcome });
    tell({ state: 'sent', detail: null });
    const answer = await client.order(device, order);
    if (!answer.ok) {
      const { code, detail } = answer.trouble;
      tell({ state: 'refused', detail: [code, detail].filter(Boolean).join(' ') || answer.trouble.kind });
      return;
    }
    const { reply } = answer.value;
    if (reply === null) tell({ state: 'unanswered', detail: null });
    else if (reply.ok) tell({ state: 'done', detail: null });
    else tell({ state: 'refused', detail: reply.message ?? reply.code ?? null });
  }
}
