import { CampaignConnection, type Listener } from './campaign-connection.ts';

/** What may become of the will of one connection. */
export type WillFate =
  /** Its owner was connected when the broker died, and stayed away until it had gone out. */
  | 'once'
  /** Its owner was back in time, or left in peace. */
  | 'never'
  /** The broker died before it had confirmed the connection, or while the owner came back. */
  | 'at-most-once';

export interface WillOwnerOptions {
  readonly name: string;
  readonly topic: string;
  readonly keepaliveS: number;
}

/** Connects again and again, each time with another last will. */
export class WillOwner implements Listener {
  /** By payload. */
  readonly fates = new Map<string, WillFate>();
  readonly #options: WillOwnerOptions;
  #last: string | null = null;
  #connections = 0;
  #connection: CampaignConnection | null = null;

  constructor(options: WillOwnerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** The will of the newest connection. */
  get newest(): string | null {
    return this.#last;
  }

  async connect(port: number): Promise<void> {
    const { name, topic, keepaliveS } = this.#options;
    const before = this.#last;
    this.#connections += 1;
    const payload = `will ${name} ${this.#connections}`;
    const will = { topic, payload: Buffer.from(payload), qos: 2, retain: false } as const;
    const hello = { clientId: name, clean: true, keepalive: keepaliveS, will };
    const isUndecided = before !== null && this.fates.get(before) === 'once';
    this.#last = payload;
    this.fates.set(payload, 'at-most-once');
    if (isUndecided) this.fates.set(before, 'at-most-once');
    this.#connection = await CampaignConnection.open(port, hello, this);
    if (this.#connection !== null && isUndecided) this.fates.set(before, 'never');
  }

  /** Its will has come: what happens to it after that is another connection's. */
  done(): void {
    if (this.#last !== null) this.fates.set(this.#last, 'once');
    this.#last = null;
  }

  async leave(): Promise<void> {
    if (this.#connection?.isOpen !== true) return;
    if (this.#last !== null) this.fates.set(this.#last, 'never');
    this.#last = null;
    await this.#connection.leave();
  }

  onConnected(): void {
    if (this.#last !== null) this.fates.set(this.#last, 'once');
  }

  onPacket(): void {
    // Nothing is sent to it.
  }
}
