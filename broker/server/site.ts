import { createReadStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Registry } from 'prom-client';
import { addressOfClient, type FindPerson } from '#broker/auth/identity.ts';
import { TopicAccess, type TopicAccessSettings } from '#broker/auth/topic-access.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { DeviceRegister, type KnownDevice } from '#broker/persistence/ledger/devices.ts';
import { type EvidenceItem, EvidenceStore } from '#broker/persistence/ledger/evidence.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { LedgerIdentity } from '#broker/persistence/ledger/ledger-identity.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { SiteEvents } from '#broker/persistence/ledger/site-events.ts';
import type { DeviceMessenger, LedgerEvent } from '#broker/persistence/ports.ts';
import { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '#broker/persistence/sessions/session-limits.ts';
import type { SessionStore } from '#broker/persistence/sessions/session-store.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { DEFAULT_STORAGE_LIMITS, type StorageLimits } from '#broker/persistence/store/storage-limits.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { EventItem } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import type { Arrival } from './arrival.ts';
import { ConnectionGuard } from './connection-guard.ts';
import { ingestMetrics, sessionMetrics } from './delivery/session-metrics.ts';
import { Identification } from './identification.ts';
import { DEFAULT_IDENTITY, type IdentitySettings } from './identity-settings.ts';
import { IngestGate } from './ingest/gate.ts';
import { Ingest, type IngestHooks } from './ingest/ingest.ts';
import { DEFAULT_INTAKE_LIMITS, Intake, type IntakeLimits } from './ingest/intake.ts';
import { Receipts } from './ingest/receipts.ts';
import { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS, uncapped } from './limits/connection-limits.ts';
import { QuietLog } from './limits/quiet-log.ts';
import { Refusals } from './limits/refusals.ts';
import { TopicLimits } from './limits/topic-limits.ts';
import type { ListenAddress, TlsAddress } from './listeners.ts';
import { type ServerMetrics, serverMetrics } from './metrics.ts';
import { MqttServer } from './mqtt-server.ts';
import { Presence } from './presence.ts';
import { SiteAlerts } from './site-alerts.ts';
import { SiteFeed } from './site-feed.ts';
import { TAKEOVER_WINDOW_MS, Takeovers } from './takeovers.ts';
import { tlsMetrics } from './tls/tls-metrics.ts';
import type { TlsRefusal, TlsStatus } from './tls/tls-port.ts';

export interface SiteLimits {
  readonly sessions: SessionLimits;
  readonly connections: ConnectionLimits;
  readonly storage?: StorageLimits;
  readonly intake?: IntakeLimits;
}

export interface SiteOptions {
  /** Holds `site.db` and `evidence/`; made when it is not there. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly synchronous?: 'FULL' | 'NORMAL';
  readonly access?: 'guarded' | 'open';
  readonly limits?: SiteLimits;
  /** The disk does not confirm any more: the process should end as if it had crashed (docs/durability.md). */
  readonly onLost?: (error: WatchpostError) => void;
  readonly identity?: IdentitySettings;
  readonly topicAccess?: TopicAccessSettings;
}

export interface SiteListeners extends IngestHooks {
  /** Plain MQTT, loopback only. */
  readonly mqtt?: ListenAddress;
  readonly mqtts?: TlsAddress;
  /** For certificates of people. */
  readonly findPerson?: FindPerson;
}

export interface SitePorts {
  readonly mqtt: number | null;
  readonly mqtts: number | null;
}

/** A known device with its presence. */
export type PresentDevice = KnownDevice & { readonly online: boolean };

/** How often the stamp beside the database advances while the site works (see LedgerIdentity). */
const STAMP_EVERY_MS = 60_000;
const DEFAULT_LIMITS: SiteLimits = {
  sessions: DEFAULT_SESSION_LIMITS,
  connections: DEFAULT_CONNECTION_LIMITS,
};

/**
 * The spine of the site: database, ledger, MQTT. Made first; whoever listens to it is made with its parts, and
 * handed to `start`, so that nobody needs what is not there yet:
 *
 *     const site = createSite({ dataDir, clock, log, registry });
 *     site.open();                              // database, migrations
 *     const desk = new IncidentDesk({ store: site.store, messenger: site.messenger, … });
 *     await site.start({ listener: desk, judge, mqtt: { host, port } });
 */
export const createSite = (options: SiteOptions): Site => new Site(options);

export class Site {
  readonly store: SiteDatabase;
  readonly feed: SiteFeed;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly evidence: EvidenceStore;
  readonly presence: Presence;
  readonly messenger: DeviceMessenger;
  readonly #options: SiteOptions;
  readonly #metrics: ServerMetrics;
  readonly #identity: LedgerIdentity;
  /** For what anybody on the network can bring about. */
  readonly #quietLog: QuietLog;
  readonly #register: DeviceRegister;
  readonly #receipts: Receipts;
  #server: MqttServer | null = null;
  #findPerson: FindPerson = () => null;
  #sessions: SessionStore | null = null;
  #events: SiteEvents | null = null;
  #cancelStamp: Cancel | null = null;

  constructor(options: SiteOptions) {
    const { dataDir, clock, log, registry, synchronous = 'FULL' } = options;
    const metrics = serverMetrics(registry);
    this.#options = options;
    this.#metrics = metrics;
    this.#quietLog = new QuietLog(log, clock);
    const onCommitted = ({ durationMs }: { readonly durationMs: number }) =>
      metrics.commitSeconds.observe(durationMs / 1000);
    const store = new SiteDatabase({
      ...{ path: join(dataDir, 'site.db'), clock, log, synchronous, onCommitted },
      limits: options.limits?.storage ?? DEFAULT_STORAGE_LIMITS,
      onCheckpoint: ({ where, ok }) => metrics.checkpoints.inc({ where, outcome: ok ? 'done' : 'failed' }),
      ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
    });
    this.store = store;
    this.feed = new SiteFeed(log);
    this.quarantine = new Quarantine(store);
    this.ledger = new Ledger({ store, quarantine: this.quarantine, clock });
    this.#identity = new LedgerIdentity({ store, clock, log });
    this.#register = new DeviceRegister(store, clock);
    this.evidence = this.#makeEvidence();
    this.presence = this.#makePresence();
    this.messenger = {
      isConnected: (address) => this.presence.isConnected(address),
      publish: (topic, message) => this.#publish(topic, message),
      deliver: (address, topic, bytes) => this.#deliver(address, topic, bytes),
    };
    const { ledger, messenger } = this;
    this.#receipts = new Receipts({
      ...{ ledger, identity: this.#identity, messenger, metrics, log },
      onSent: (receipt) => this.feed.tell('receipt', receipt),
    });
  }

  /** Changes when the database was restored from a copy. Known after `start`. */
  get ledgerId(): string {
    return this.#identity.ledgerId;
  }

  /** Opens and migrates the database, so that others may read it before anybody connects. Throws WP30xx. */
  open(): void {
    mkdirSync(this.#options.dataDir, { recursive: true, mode: 0o700 });
    this.store.start();
  }

  /** Starts everything and opens the listeners; answers their ports. Throws WP3105 or WP3106. */
  async start(listeners: SiteListeners): Promise<SitePorts> {
    const { mqtt, mqtts, findPerson = () => null, ...hooks } = listeners;
    const { clock } = this.#options;
    await this.#identity.start();
    this.evidence.start();
    this.presence.start();
    this.#events = this.#makeEvents(hooks);
    this.#findPerson = findPerson;
    const server = this.#makeServer(hooks, findPerson);
    this.#server = server;
    await server.start();
    if (mqtts !== undefined) tlsMetrics(this.#options.registry, () => this.tlsStatus);
    this.#cancelStamp = clock.every(STAMP_EVERY_MS, () => this.#advanceStamp());
    return {
      mqtt: mqtt === undefined ? null : await server.open(mqtt),
      mqtts: mqtts === undefined ? null : await server.open(mqtts),
    };
  }

  /** Ends connections, finishes what was begun, closes the database. Idempotent. */
  async close(): Promise<void> {
    this.#cancelStamp?.();
    this.#cancelStamp = null;
    const started = this.#server !== null;
    await this.#server?.close();
    this.#server = null;
    this.#quietLog.close();
    this.#receipts.close();
    this.presence.close();
    await this.evidence.close();
    if (started) await this.#advanceStamp();
    await this.store.close();
  }

  /** Inside a `commit`: an event that the site itself makes. Before `start` there is nobody to tell. */
  get events(): SiteEvents {
    if (this.#events === null) throw new WatchpostError('WP3010', { detail: 'not started' });
    return this.#events;
  }

  /** Sessions of subscribers with what waits for each. Throws WP3010 before `start`. */
  get sessions(): SessionStore {
    if (this.#sessions === null) throw new WatchpostError('WP3010', { detail: 'not started' });
    return this.#sessions;
  }

  device(address: DeviceAddress): PresentDevice | null {
    const known = this.#register.get(address);
    return known && this.#present(known);
  }

  /** By name. */
  devices(): PresentDevice[] {
    return this.#register.list().map((known) => this.#present(known));
  }

  /** Newest first; `before` is the row of the last one seen. */
  list(query: {
    readonly device: DeviceAddress | null;
    readonly type: string | null;
    readonly before: number;
    readonly limit: number;
  }): EventItem[] {
    const { device, type, before, limit } = query;
    return this.ledger
      .list({
        ...(device === null ? {} : { source: sourceOf(device) }),
        ...(type === null ? {} : { type }),
        after: before,
        limit,
      })
      .map(eventItemOf);
  }

  /** Evidence that is whole. */
  find(blobId: string): (EvidenceItem & { open(): Readable }) | null {
    const item = this.evidence.find(blobId);
    return item && { ...item, open: () => createReadStream(item.path) };
  }

  /** Somebody has opened a WebSocket and is about to speak MQTT. */
  accept(arrival: Arrival): void {
    if (this.#server === null) arrival.stream.destroy();
    else this.#server.accept(arrival);
  }

  /** People may be gone or have another role: whoever is connected as somebody else is cut off. */
  recheckPeople(): void {
    this.#server?.recheckPeople(({ name, role }) => this.#findPerson(name)?.role === role);
  }

  /** Counts and logs a connection that was refused or ended outside of the MQTT side. */
  refused(code: ErrorCode, fields: object): void {
    this.#server?.refused(code, fields);
  }

  /** Reads keys, certificates and revocations of the TLS listener again. */
  reloadTls(): void {
    this.#server?.reloadTls();
  }

  /** Connections now, unfinished ones among them, and addresses remembered. */
  get connections(): MqttServer['counts'] {
    return this.#server?.counts ?? { open: 0, halfOpen: 0, addresses: 0 };
  }

  /** Whether devices can connect. */
  get isListening(): boolean {
    return this.#server?.isListening === true;
  }

  /** Null where nothing listens with TLS. */
  get tlsStatus(): TlsStatus | null {
    return this.#server?.tlsStatus ?? null;
  }

  /** A disk that is full keeps neither the site from working nor from closing. */
  #advanceStamp(): Promise<void> {
    const { log } = this.#options;
    return this.#identity
      .advance()
      .catch((error) => log.error({ error: String(error) }, 'ledger.stamp-failed'));
  }

  #present(known: KnownDevice): PresentDevice {
    const heardMs = this.presence.heardMs(known);
    // What was heard in this run is the newest, also where the wall clock has been set back since what was noted.
    const lastSeenAt = heardMs === null ? known.lastSeenAt : new Date(heardMs).toISOString();
    return { ...known, lastSeenAt, online: this.presence.isConnected(known) };
  }

  #publish(topic: string, message: object): Promise<void> {
    const server = this.#server;
    if (server === null) return Promise.resolve();
    // What is told was read from the database: nobody hears of what a power cut could still take back.
    return new Promise((resolve, reject) => {
      this.store.whenDurable(() => server.publish(topic, message).then(resolve, reject), reject);
    });
  }

  /** It says nothing of what stands in the database, so that nothing has to be on disk before. */
  #deliver(address: DeviceAddress, topic: string, bytes: Buffer): Promise<void> {
    if (this.#server === null) return Promise.reject(new WatchpostError('WP3010', { detail: 'not started' }));
    return this.#server.deliver(clientIdOf(address), topic, bytes);
  }

  #makeEvidence(): EvidenceStore {
    const { dataDir, clock, log } = this.#options;
    const onComplete = (item: EvidenceItem) => this.feed.tell('evidence', item);
    return new EvidenceStore({
      store: this.store,
      folder: join(dataDir, 'evidence'),
      clock,
      log,
      onComplete,
    });
  }

  #makePresence(): Presence {
    const onChanged = (address: DeviceAddress) => this.feed.tell('device', address);
    return new Presence({
      store: this.store,
      register: this.#register,
      clock: this.#options.clock,
      onChanged,
    });
  }

  #makeEvents({ listener, isRehearsed }: IngestHooks): SiteEvents {
    const onRecorded = (event: LedgerEvent) => this.feed.tell('event', event);
    const { store, ledger } = this;
    return new SiteEvents({
      ...{ store, ledger, clock: this.#options.clock, listener, onRecorded },
      ...(isRehearsed === undefined ? {} : { isRehearsed }),
    });
  }

  /** What lets devices in, and what keeps them out, is another than before: whoever changed the files did that. */
  #recordTls({ revoked, expiresMs }: TlsStatus): void {
    const { clock, log } = this.#options;
    const detail = { revoked, expires: new Date(expiresMs).toISOString() };
    new AuditLog(clock)
      .record(this.store, { who: 'site', action: 'tls.reloaded', subject: 'tls', detail })
      .catch((error) => log.error({ error: String(error) }, 'tls.not-recorded'));
  }

  /** Who is who, who may what, and who hears of it where somebody is not who they say. */
  #makeIdentity(findPerson: FindPerson) {
    const { clock, log, access = 'guarded', identity = DEFAULT_IDENTITY, topicAccess } = this.#options;
    const { store, events } = this;
    const topics = new TopicAccess(topicAccess);
    const alerts = new SiteAlerts({
      store,
      events,
      clock,
      log,
      againMs: identity.alertAgainMinutes * 60_000,
    });
    const refused = (owner: DeviceAddress | null, code: ErrorCode, detail: string, address: string) => {
      const data = { code, detail: detail.slice(0, 400), address };
      if (owner !== null) alerts.raise(owner, 'wp.identity.refused.v1', code, data);
    };
    const identification = new Identification({
      ...{ access, topics, findPerson },
      onMisuse: ({ owner, error, address }) => refused(owner, error.code, error.detail ?? '', address),
    });
    const takeovers = new Takeovers({
      ...{ clock, log, perMinute: identity.takeoversPerMinute },
      onTakeover: () => this.#metrics.takeovers.inc(),
      onContested: (contest) => {
        const { clientId, takeovers, addresses } = contest;
        const owner = access === 'open' ? null : addressOfClient(clientId);
        const data = { clientId, takeovers, windowS: TAKEOVER_WINDOW_MS / 1000, addresses: [...addresses] };
        if (owner !== null) alerts.raise(owner, 'wp.session.contested.v1', clientId, data);
      },
    });
    const onVouchedRefused = ({ vouchedName, code, detail, address }: TlsRefusal) =>
      refused(addressOfClient(vouchedName ?? ''), code, detail, address);
    return { topics, identification, takeovers, onVouchedRefused };
  }

  #makeServer(hooks: IngestHooks, findPerson: FindPerson): MqttServer {
    const { clock, access = 'guarded', limits = DEFAULT_LIMITS } = this.#options;
    const { store, ledger, quarantine, evidence, feed, presence } = this;
    const metrics = this.#metrics;
    const log = this.#quietLog;
    const refusals = new Refusals({ metrics, log });
    const connections = access === 'open' ? uncapped(limits.connections) : limits.connections;
    const topicLimits = new TopicLimits(connections);
    const { topics, identification, takeovers, onVouchedRefused } = this.#makeIdentity(findPerson);
    const onEvidenceHeard = (who: string, filter: string) => feed.tell('listening', { who, filter });
    const guard = new ConnectionGuard({
      ...{ clock, metrics, refusals, topics, identification, onEvidenceHeard },
    });
    const persistence = new MqttPersistence(store, {
      ...{ clock, log, limits: limits.sessions },
      admits: (client, filter) => guard.admits(client.id, filter) && topicLimits.admits(client, filter),
      onFault: (error) => log.error({ error: String(error) }, 'mqtt.store-failed'),
    });
    this.#sessions = persistence.sessions;
    sessionMetrics(this.#options.registry, persistence.sessions);
    const receipts = this.#receipts;
    const register = this.#register;
    const parts = { store, ledger, quarantine, register, evidence, receipts, feed, metrics, clock };
    const ingest = new Ingest(parts, hooks);
    const onHeard = (address: DeviceAddress) => presence.heard(address);
    const intake = new Intake(limits.intake ?? DEFAULT_INTAKE_LIMITS);
    ingestMetrics(this.#options.registry, intake);
    const gate = new IngestGate({ store, persistence, ingest, intake, topics, log, onHeard });
    const onSubscribed = (address: DeviceAddress) => {
      receipts.dueForAll(address);
      feed.tell('subscribed', address);
    };
    return new MqttServer({
      ...{ persistence, guard, gate, ingest, presence, metrics, log, onSubscribed },
      onTlsReloaded: (status) => this.#recordTls(status),
      ...{ clock, takeovers, onVouchedRefused, refusals, topicLimits },
      limits: connections,
    });
  }
}

/** The envelope, when and as which row the ledger took it, and when it happened by the site's knowledge. */
export const eventItemOf = ({ envelope, row, receivedAt, happenedAt }: LedgerEvent): EventItem => ({
  ...envelope,
  row,
  receivedAt,
  happenedAt,
});
