import type { IncidentItem } from '#contract/http.ts';
import type { ApiClient } from '../api/client.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { Store } from '../state/store.ts';

interface FollowerParts {
  readonly client: Pick<ApiClient, 'incident'>;
  readonly store: Store<ConsoleState, ConsoleEvent>;
}

/** Fetches alarms and steps of the selected incident whenever the selection or that incident changes. */
export class DetailFollower {
  readonly #parts: FollowerParts;
  #followed: IncidentItem | undefined;
  #end: () => void = () => undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.close();
    this.#end = this.#parts.store.subscribe((state) => this.#follow(state));
  }

  close(): void {
    this.#end();
  }

  async refresh(): Promise<void> {
    const { client, store } = this.#parts;
    const id = store.state.selectedId;
    if (id === null) return;
    const answer = await client.incident(id);
    if (answer.ok) store.dispatch({ type: 'detail', detail: answer.value });
  }

  #follow({ incidents, selectedId }: ConsoleState): void {
    const item = selectedId === null ? undefined : incidents.get(selectedId);
    if (item === this.#followed) return;
    this.#followed = item;
    if (item !== undefined) void this.refresh();
  }
}
