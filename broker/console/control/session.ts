import type { ApiClient, Credentials } from '../api/client.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { Store } from '../state/store.ts';

interface SessionParts {
  readonly client: Pick<ApiClient, 'openSession' | 'closeSession' | 'devices'>;
  readonly store: Store<ConsoleState, ConsoleEvent>;
  /** Called when a session is open: now the site may be asked. */
  readonly onOpened: () => void;
  /** Called when the session has been given up. */
  readonly onClosed: () => void;
}

/** Secret in, cookie out: the page keeps none. */
export class Session {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** With the token of the address the page was opened by, or with the cookie of an earlier visit. */
  async start(token: string | null): Promise<void> {
    if (token !== null) return this.open({ token });
    const { client, store } = this.#parts;
    const answer = await client.devices();
    if (!answer.ok && answer.trouble.kind === 'unauthorised') {
      return store.dispatch({ type: 'session-needed', trouble: null });
    }
    // A site that does not answer is no reason to ask for a secret: the page says that it is not live.
    this.#opened();
  }

  async open(credentials: Credentials): Promise<void> {
    const answer = await this.#parts.client.openSession(credentials);
    if (answer.ok) return this.#opened();
    this.#parts.store.dispatch({ type: 'session-needed', trouble: answer.trouble });
  }

  /** Ends the session at the site too: whoever sits down next has to sign in. */
  async close(): Promise<void> {
    const { client, store, onClosed } = this.#parts;
    onClosed();
    const answer = await client.closeSession();
    store.dispatch({ type: 'session-needed', trouble: answer.ok ? null : answer.trouble });
  }

  #opened(): void {
    this.#parts.store.dispatch({ type: 'session-opened' });
    this.#parts.onOpened();
  }
}

/** Reads `#token=…` of an address. */
export function tokenOfHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token === null || token.trim() === '' ? null : token.trim();
}

/** The rest of such an address; nothing where there is none. */
export function withoutToken(hash: string): string {
  const rest = new URLSearchParams(hash.replace(/^#/, ''));
  rest.delete('token');
  return rest.size === 0 ? '' : `#${rest.toString()}`;
}
