import type { DownPiece } from '#agent/ports/down-content.ts';
import { type Failpoint, noFailpoint } from '#agent/ports/failpoint.ts';
import type { Link, LinkState, StateProvider, Transport } from '#agent/ports/link.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Traffic } from '#agent/ports/traffic.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Command, CommandReply, DeviceState, IncidentNotice } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { downFilter, upTopic } from '#contract/topics.ts';
import { Backoff } from './backoff.ts';
import { Connection, type Done } from './connection.ts';
import { type DownMessage, parseDownMessage } from './down-messages.ts';
import { Listeners } from './listeners.ts';

export interface MqttLinkOptions {
  readonly address: DeviceAddress;
  /** Tried in this order, from the first again after every loss. */
  readonly urls: readonly [string, ...string[]];
  readonly transport: Transport;
  readonly traffic: Traffic;
  readonly state: StateProvider;
  /** Where the count of starts is kept. */
  readonly memory: Memory;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepaliveS: number;
  readonly backoffMaxS: number;
  /** In [0, 1); spreads the devices of a site after an outage. */
  readonly random?: () => number;
  readonly failpoint?: Failpoint;
}

export interface LinkCounters {
  /** Connections begun since start. */
  readonly attempts: number;
  /** Messages from the site that could not be read. */
  readonly unreadable: number;
}

const BOOT_KEY = 'link.boot';
const STATE_AFTER_MS = 100;
const GOODBYE_MS = 1_000;
/** Up for this long, the backoff begins anew: a broker that accepts and drops is not hammered. */
const STEADY_AFTER_MS = 10_000;
/** Replies kept while the link is down; the oldest go first, for the site asks again or has given up. */
const MAX_REPLIES = 50;

/** Keeps one MQTT connection to the site: first the state, then down/#, then the traffic. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions;
  readonly #failpoint: Failpoint;
  readonly #backoff: Backoff;
  readonly #states: Listeners<LinkState>;
  readonly #incidents: Listeners<IncidentNotice>;
  readonly #commands: Listeners<Command>;
  readonly #content: Listeners<DownPiece>;
  #state: LinkState = 'closed';
  #connection: Connection | null = null;
  #boot = 0;
  #conn = 0;
  #urlIndex = 0;
  #unreadable = 0;
  #replies: CommandReply[] = [];
  #stopWaiting: Cancel | null = null;
  #stopSteady: Cancel | null = null;
  #stopState: Cancel | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#failpoint = options.failpoint ?? noFailpoint;
    const { log, backoffMaxS, random } = options;
    this.#backoff = new Backoff({ maxMs: backoffMaxS * 1000, random: random ?? Math.random });
    this.#states = new Listeners(log, 'state');
    this.#incidents = new Listeners(log, 'incident');
    this.#commands = new Listeners(log, 'command');
    this.#content = new Listeners(log, 'content');
  }

  get state(): LinkState {
    return this.#state;
  }

  get counters(): LinkCounters {
    return { attempts: this.#conn, unreadable: this.#unreadable };
  }

  start(): void {
    if (this.#boot > 0) return;
    const { memory } = this.#options;
    const before = memory.get(BOOT_KEY);
    this.#boot = (typeof before === 'number' ? before : 0) + 1;
    memory.set(BOOT_KEY, this.#boot);
    this.#attempt();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  urge(): void {
    if (this.#state === 'waiting') this.#attempt();
  }

  reconnect(): void {
    const connection = this.#connection;
    if (this.#state !== 'up' || connection === null) return;
    this.#guard('traffic', () => this.#options.traffic.disconnected());
    this.#stopSteady?.();
    this.#stopState?.();
    this.#stopState = null;
    // From here on nothing of it is heard; with a DISCONNECT the site is told of no loss.
    this.#connection = null;
    connection.endPolitely(() => connection.end());
    this.#options.log.info({ conn: this.#conn }, 'link.reconnect');
    this.#attempt();
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#states.add(listener);
  }

  onIncident(listener: (notice: IncidentNotice) => void): () => void {
    return this.#incidents.add(listener);
  }

  onCommand(listener: (command: Command) => void): () => void {
    return this.#commands.add(listener);
  }

  onContent(listener: (piece: DownPiece) => void): () => void {
    return this.#content.add(listener);
  }

  reply(reply: CommandReply): void {
    this.#replies.push(reply);
    if (this.#replies.length > MAX_REPLIES) this.#replies.shift();
    this.#sendReplies();
  }

  stateChanged(): void {
    if (this.#state !== 'up') return;
    this.#stopState ??= this.#options.clock.after(STATE_AFTER_MS, () => {
      this.#stopState = null;
      if (this.#state === 'up') this.#publishState();
    });
  }

  #attempt(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    const { address, urls, transport, clock, keepaliveS } = this.#options;
    this.#conn += 1;
    this.#become('connecting');
    const connection = new Connection({
      transport,
      url: urls[this.#urlIndex % urls.length] ?? urls[0],
      clientId: clientIdOf(address),
      keepaliveS,
      clock,
      will: { topic: upTopic(address, 'state'), payload: JSON.stringify(this.#offline()) },
      onConnected: () => this.#connected(connection),
      onMessage: (topic, payload) => {
        if (this.#connection === connection) this.#receive(topic, payload);
      },
      onLost: (error) => {
        if (this.#connection === connection) this.#lost(error);
      },
    });
    this.#connection = connection;
    connection.open();
  }

  #connected(connection: Connection): void {
    this.#failpoint('link.connected');
    this.#publishState();
    connection.subscribe(downFilter(this.#options.address), () => this.#subscribed(connection));
  }

  #subscribed(connection: Connection): void {
    const { traffic, clock } = this.#options;
    this.#failpoint('link.subscribed');
    this.#urlIndex = 0;
    this.#stopSteady = clock.after(STEADY_AFTER_MS, () => this.#backoff.reset());
    this.#become('up');
    this.#guard('traffic', () =>
      traffic.connected({
        publish: (topic, payload, done) => connection.publish(topic, payload, 'plain', done),
      }),
    );
    this.#sendReplies();
  }

  #lost(error: Error): void {
    const { traffic, clock, log } = this.#options;
    const wasUp = this.#state === 'up';
    this.#connection = null;
    this.#stopSteady?.();
    this.#stopState?.();
    this.#stopState = null;
    if (this.#closing !== null) return;
    if (wasUp) this.#guard('traffic', () => traffic.disconnected());
    else this.#urlIndex += 1;
    const waitMs = this.#backoff.nextMs(this.#need());
    const code = error instanceof WatchpostError ? error.code : 'WP2200';
    log.warn({ code, waitMs, attempt: this.#conn, err: error }, 'link.lost');
    this.#stopWaiting = clock.after(waitMs, () => this.#attempt());
    this.#become('waiting');
  }

  /** A journal that cannot be read may hold an alarm. */
  #need(): 'ordinary' | 'urgent' {
    let need: 'ordinary' | 'urgent' = 'urgent';
    this.#guard('traffic', () => {
      if (!this.#options.traffic.isUrgent()) need = 'ordinary';
    });
    return need;
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.log.info({ state, conn: this.#conn }, 'link.state');
    this.#states.tell(state);
  }

  #publishState(): void {
    this.#publish('state', { ...this.#offline(), ...this.#rest(), online: true }, 'retained', (error) =>
      this.#note(error, 'state'),
    );
  }

  #offline(): Pick<DeviceState, 'online' | 'boot' | 'conn'> {
    return { online: false, boot: this.#boot, conn: this.#conn };
  }

  /** What of it can be told: that the device is there matters more than the depth of a queue. */
  #rest(): Omit<DeviceState, 'online' | 'boot' | 'conn'> {
    const { state, traffic } = this.#options;
    const rest: Omit<DeviceState, 'online' | 'boot' | 'conn'> = {};
    this.#guard('state', () => Object.assign(rest, state()));
    this.#guard('lanes', () => Object.assign(rest, { lanes: traffic.lanes() }));
    return rest;
  }

  #publish(channel: 'state' | 'reply', message: object, retain: 'retained' | 'plain', done: Done): void {
    const topic = upTopic(this.#options.address, channel);
    this.#connection?.publish(topic, JSON.stringify(message), retain, done);
  }

  #sendReplies(): void {
    if (this.#state !== 'up') return;
    const replies = this.#replies;
    this.#replies = [];
    for (const reply of replies) {
      this.#publish('reply', reply, 'plain', (error) => {
        // Not confirmed: it goes with the next connection.
        if (error !== null) this.#replies.push(reply);
      });
    }
  }

  #note(error: Error | null, about: string): void {
    if (error !== null) this.#options.log.debug({ about, err: error }, 'link.not-confirmed');
  }

  #receive(topic: string, payload: Buffer): void {
    const message = this.#read(topic, payload);
    if (message === null) return;
    switch (message.channel) {
      case 'receipt':
        this.#guard('receipt', () => this.#options.traffic.receive(message.message));
        break;
      case 'incident':
        this.#incidents.tell(message.message);
        break;
      case 'command':
        this.#commands.tell(message.message);
        break;
      case 'blob':
        this.#content.tell(message.message);
        break;
    }
  }

  #read(topic: string, payload: Buffer): DownMessage | null {
    try {
      return parseDownMessage(topic, payload);
    } catch (error) {
      this.#unreadable += 1;
      this.#options.log.warn({ code: 'WP2204', topic, bytes: payload.length, err: error }, 'link.unreadable');
      return null;
    }
  }

  #guard(about: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error({ code: 'WP2208', about, err: error }, 'link.listener-failed');
    }
  }

  async #close(): Promise<void> {
    this.#stopWaiting?.();
    this.#stopState?.();
    this.#stopSteady?.();
    const connection = this.#connection;
    if (connection !== null && this.#state === 'up') {
      this.#guard('traffic', () => this.#options.traffic.disconnected());
      await this.#sayGoodbye(connection);
    }
    connection?.end();
    this.#become('closed');
  }

  /** The will is for those who vanish: who leaves says so. At most a second. */
  #sayGoodbye(connection: Connection): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(GOODBYE_MS, resolve);
      const finish = () => {
        cancel();
        resolve();
      };
      const offline = { ...this.#offline(), ...this.#rest(), online: false };
      this.#publish('state', offline, 'retained', (error) => {
        if (error === null) connection.endPolitely(finish);
        else finish();
      });
    });
  }
}
