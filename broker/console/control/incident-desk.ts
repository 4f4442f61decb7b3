import type { IncidentAction, IncidentActionBody } from '#contract/http.ts';
import type { ApiClient } from '../api/client.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import { nextActions } from '../state/ranking.ts';
import type { Store } from '../state/store.ts';

interface DeskParts {
  readonly client: Pick<ApiClient, 'act'>;
  readonly store: Store<ConsoleState, ConsoleEvent>;
  /** Lists and detail anew: after a conflict the page must show what is. */
  readonly refresh: () => Promise<void>;
}

/** Takes the dispatcher's steps to the site. */
export class IncidentDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Sends the step at once, or opens the form of a step that asks for a word. */
  begin(action: IncidentAction): void {
    const { store } = this.#parts;
    if (!this.#allowed(action)) return;
    if (action === 'assign' || action === 'resolve') store.dispatch({ type: 'form-opened', form: action });
    else void this.send(action, {});
  }

  /** Adds what stands in the note field. */
  async send(action: IncidentAction, words: Omit<IncidentActionBody, 'note'>): Promise<void> {
    const { client, store, refresh } = this.#parts;
    const id = store.state.selectedId;
    if (id === null || store.state.busy || !this.#allowed(action)) return;
    const sent = { id, form: store.state.form, note: store.state.note };
    store.dispatch({ type: 'action-sent' });
    const answer = await client.act(id, action, { ...words, ...noteOf(store.state) });
    if (answer.ok) {
      store.dispatch({ type: 'incident', incident: answer.value });
      store.dispatch({ type: 'action-done', sent });
    } else {
      store.dispatch({ type: 'action-failed', trouble: answer.trouble });
    }
    await refresh();
  }

  #allowed(action: IncidentAction): boolean {
    const { incidents, selectedId } = this.#parts.store.state;
    const item = selectedId === null ? undefined : incidents.get(selectedId);
    return item !== undefined && nextActions(item).includes(action);
  }
}

function noteOf({ note }: ConsoleState): Pick<IncidentActionBody, 'note'> {
  return note.trim() === '' ? {} : { note: note.trim() };
}
