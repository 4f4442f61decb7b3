import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { accessMetrics } from '#broker/api/access-metrics.ts';
import { Authentication } from '#broker/api/authentication.ts';
import { CommandDesk } from '#broker/api/command-desk.ts';
import { deviceItem } from '#broker/api/device-routes.ts';
import { Feed } from '#broker/api/feed.ts';
import { HttpServer } from '#broker/api/http-server.ts';
import { Readiness } from '#broker/api/readiness.ts';
import { siteMetrics } from '#broker/api/site-metrics.ts';
import { storageMetrics } from '#broker/api/storage-metrics.ts';
import { TalkDesk } from '#broker/api/talk-desk.ts';
import { ensureAdminToken } from '#broker/auth/admin-token.ts';
import { ApiTokens } from '#broker/auth/api-tokens.ts';
import { LastUse } from '#broker/auth/last-use.ts';
import { LoginLimit } from '#broker/auth/login-limit.ts';
import { People } from '#broker/auth/people.ts';
import { Sessions } from '#broker/auth/sessions.ts';
import { SignIn } from '#broker/auth/sign-in.ts';
import { CommissioningDesk } from '#broker/commissioning/desk.ts';
import { Signer } from '#broker/commissioning/signer.ts';
import { Announcer } from '#broker/incidents/announcer.ts';
import { ChangeBatch } from '#broker/incidents/change-batch.ts';
import { Escalation } from '#broker/incidents/escalation.ts';
import { IncidentDesk } from '#broker/incidents/incident-desk.ts';
import { IncidentView } from '#broker/incidents/incident-view.ts';
import { IngestListeners } from '#broker/incidents/ingest-listeners.ts';
import { NotificationQueue } from '#broker/incidents/notification-queue.ts';
import { PathWatch } from '#broker/incidents/path-watch.ts';
import { Retention } from '#broker/incidents/retention.ts';
import { Supervision } from '#broker/incidents/supervision.ts';
import { TestModes } from '#broker/incidents/test-mode.ts';
import { Webhook } from '#broker/incidents/webhook.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import { RetentionMarks } from '#broker/persistence/ledger/retention-marks.ts';
import { SiteTime } from '#broker/persistence/ledger/site-time.ts';
import { removeServing, writeServing } from '#broker/persistence/serving.ts';
import { SiteFolder } from '#broker/persistence/site-folder.ts';
import { Compactor } from '#broker/persistence/store/compactor.ts';
import type { TlsAddress } from '#broker/server/listeners.ts';
import { createSite, type Site } from '#broker/server/site.ts';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { MapKeeper } from '#broker/site-map/map-keeper.ts';
import { readInWorker } from '#broker/site-map/map-reading.ts';
import type { Clock } from '#contract/clock.ts';
import type { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { readVersion } from '#contract/version.ts';
import type { LifeSign } from '#contract/watchdog.ts';
import { signsOfLife } from './alive.ts';
import { digestOf, type SiteConfig, siteMapFolder } from './config.ts';
import { buildFleet } from './fleet.ts';
import { connectNews } from './news.ts';
import type { BrokerOptions } from './options.ts';
import { noteRestored } from './restored.ts';

export interface BrokerSetting {
  readonly options: BrokerOptions;
  readonly config: SiteConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** The disk does not confirm any more: nothing can be put right in this process. */
  readonly onLost?: (error: WatchpostError) => void;
}

/** Where it can be reached once it is ready. */
export interface BrokerAddresses {
  readonly http: string;
  readonly mqtt: string | null;
  readonly mqtts: string | null;
}

/** Where scripts put the bundled console. */
const CONSOLE_DIR = fileURLToPath(new URL('../.cache/console/', import.meta.url));

type Parts = ReturnType<typeof buildParts>;

/** The whole site in one process. Made for `broker/main.ts` alone, which with this file is the wiring root. */
export class Broker {
  readonly #setting: BrokerSetting;
  readonly #folder: SiteFolder;
  #parts: Parts | null = null;
  #ready = false;

  constructor(setting: BrokerSetting) {
    this.#setting = setting;
    this.#folder = new SiteFolder(setting.options.data);
  }

  /** Resolves when devices and people can come. What was opened before a failure is closed again. */
  async start(): Promise<BrokerAddresses> {
    try {
      return await this.#start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes keys, certificates and revocations from the folder `tls` again; broken ones change nothing. */
  reload(): void {
    this.#parts?.site.reloadTls();
  }

  /** What must be so for the site to be worth keeping as it is; nothing before it is ready. */
  get signs(): readonly LifeSign[] {
    return this.#parts === null ? [] : signsOfLife(this.#parts);
  }

  /** First nobody comes in any more, then what is under way ends, then the database. Idempotent. */
  async close(): Promise<void> {
    this.#ready = false;
    const parts = this.#parts;
    this.#parts = null;
    if (parts !== null) {
      removeServing(this.#setting.options.data);
      await parts.siteMap.close();
      parts.supervision.close();
      parts.pathWatch.close();
      await parts.rollouts.close();
      await parts.retention.close();
      await parts.commissioning.close();
      await parts.http.close();
      await parts.lastUse.close();
      parts.changes.close();
      parts.escalation.close();
      await parts.queue.close();
      parts.siteTime.close();
      await parts.site.close();
    }
    this.#folder.close();
  }

  async #start(): Promise<BrokerAddresses> {
    const { options } = this.#setting;
    const tls = options.mqtts === null ? null : { ...options.mqtts, tlsDir: join(options.data, 'tls') };
    // Said before anything is opened or made.
    if (tls !== null) readTlsFiles(tls.tlsDir);
    this.#folder.open();
    const parts = buildParts(this.#setting, () => this.#ready);
    this.#parts = parts;
    parts.site.open();
    await this.#recordStart(parts);
    await ensureAdminToken(parts, options.data);
    await noteRestored(parts.db, parts.audit);
    parts.siteTime.start();
    // Not waited for: alarms are taken before the map is there.
    void parts.siteMap.start();
    parts.testModes.start();
    await parts.commissioning.start();
    connectNews(parts);
    const http = await parts.http.start(options.http);
    const addresses = { http, ...(await this.#openMqtt(parts, tls)) };
    parts.queue.start();
    parts.escalation.start();
    parts.supervision.start();
    parts.pathWatch.start();
    parts.rollouts.start();
    parts.retention.start();
    parts.lastUse.start();
    this.#ready = true;
    writeServing(options.data, http);
    return addresses;
  }

  /** Under which configuration the site has worked since: `sha256sum` of the file says whether it was this one. */
  async #recordStart({ audit, db, people }: Parts): Promise<void> {
    const { options, log } = this.#setting;
    const overruled = people.overruled();
    if (overruled.length > 0) log.warn({ people: overruled }, 'config.people-overruled');
    const configSha256 = options.config === null ? null : digestOf(options.config);
    const detail = { configSha256, mode: options.mode, ...(overruled.length === 0 ? {} : { overruled }) };
    await audit.record(db, { who: 'site', action: 'site.started', subject: options.config ?? '', detail });
  }

  async #openMqtt(
    { site, desk, pathWatch, rollouts, testModes, commands, people }: Parts,
    tls: TlsAddress | null,
  ) {
    const { mqtt } = this.#setting.options;
    const ports = await site.start({
      listener: new IngestListeners([desk, pathWatch, rollouts]),
      judge: testModes.judge,
      isRehearsed: testModes.isRehearsed,
      onReply: (address, reply) => commands.replied(address, reply),
      findPerson: (name) => people.find(name),
      ...(mqtt === null ? {} : { mqtt }),
      ...(tls === null ? {} : { mqtts: tls }),
    });
    return {
      mqtt: ports.mqtt === null ? null : urlOf('mqtt', mqtt?.host ?? '', ports.mqtt),
      mqtts: ports.mqtts === null ? null : urlOf('mqtts', tls?.host ?? '', ports.mqtts),
    };
  }
}

function buildParts({ options, config, clock, log, onLost }: BrokerSetting, isRunning: () => boolean) {
  const registry = new Registry();
  const site = createSite({
    ...{ dataDir: options.data, clock, log, registry },
    synchronous: config.durability === 'full' ? 'FULL' : 'NORMAL',
    access: options.mode === 'open' ? 'open' : 'guarded',
    limits: config.limits,
    ...(onLost === undefined ? {} : { onLost }),
    identity: config.identity,
    topicAccess: { services: config.services, vda5050: config.vda5050 },
  });
  const db = site.store;
  const feed = new Feed(clock, uuidv7(clock));
  siteMetrics(registry, {
    ...{ db, feed, version: readVersion(), online: () => site.presence.count },
    connections: () => site.connections,
  });
  storageMetrics(registry, { db, file: db.path, dataDir: options.data });
  const base = { db, clock, log, audit: new AuditLog(clock), devices: site };
  const view = new IncidentView(db, config.escalation);
  const testModes = new TestModes(db, clock);
  const incidents = buildIncidents(base, { site, config, view, feed, testModes });
  const care = buildCare(base, site, config);
  const access = buildAccess(base, config, {
    onAttempt: accessMetrics(registry),
    onChanged: () => {
      http.recheck();
      site.recheckPeople();
    },
  });
  const readiness = new Readiness({
    ...{ clock, isRunning, dataDir: options.data, settings: config.monitoring },
    isTaking: () => db.isTaking,
    certificateEndsMs: () => site.tlsStatus?.expiresMs ?? null,
  });
  const commands = new CommandDesk({ ...base, messenger: site.messenger, testModes });
  const siteMap = new MapKeeper({
    ...{ clock, log, folder: siteMapFolder(options, config), read: readInWorker },
  });
  const talk = new TalkDesk({ ...base, messenger: site.messenger, commands });
  const enrolments = new Enrolments(base);
  const commissioning = new CommissioningDesk({
    ...{ ...base, enrolments, orders: commands, news: site.feed, incidents: incidents.desk, pictures: site },
    ...{ testModes, signer: new Signer(options.data), version: readVersion() },
  });
  const fleet = buildFleet(base, { site, dataDir: options.data, commands, enrolments });
  const http = new HttpServer({
    ...{
      ...base,
      ...access,
      ...incidents,
      ...care,
      ...fleet,
      view,
      commands,
      talk,
      siteMap,
      enrolments,
      commissioning,
      feed,
      readiness,
      settings: config.access,
    },
    ...{ mqtt: site, packetBytes: config.limits.connections.packetBytes },
    ...{ events: site, evidence: site, metrics: registry, consoleDir: CONSOLE_DIR },
  });
  return {
    ...base,
    ...access,
    ...incidents,
    ...care,
    ...fleet,
    site,
    view,
    feed,
    commands,
    testModes,
    commissioning,
    siteMap,
    http,
  };
}

interface Base {
  readonly db: Site['store'];
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly devices: Site;
}

interface IncidentSetting {
  readonly site: Site;
  readonly config: SiteConfig;
  readonly view: IncidentView;
  readonly feed: Feed;
  readonly testModes: TestModes;
}

/** Everybody who hears of a changed incident hears of it here: device, consoles, escalation. */
function buildIncidents(base: Base, { site, config, view, feed, testModes }: IncidentSetting) {
  const { clock } = base;
  const announcer = new Announcer({ ...base, view, messenger: site.messenger });
  const showOnConsoles = (id: string) => {
    const item = view.item(id);
    const device = item === null ? null : site.device(item);
    if (item !== null) feed.publish('incident', item);
    if (device !== null) feed.publish('device', deviceItem(device, view));
  };
  const changes = new ChangeBatch(
    (id) => {
      announcer.incidentChanged(id);
      showOnConsoles(id);
      escalation.wake();
    },
    clock,
    base.log,
  );
  const notifiers = config.notifiers.map(
    ({ timeoutS, ...settings }) => new Webhook({ ...settings, timeoutMs: timeoutS * 1000, clock, fetch }),
  );
  const queue = new NotificationQueue({
    ...{ ...base, notifiers, random: Math.random, onChanged: showOnConsoles },
  });
  const escalation = new Escalation({
    ...{ ...base, table: config.escalation, view, queue, onChanged: showOnConsoles },
    consoles: () => feed.consoles,
  });
  const desk = new IncidentDesk({ ...base, rules: config.rules, onChanged: changes.add });
  const supervision = new Supervision({
    ...base,
    events: { record: (...event) => site.events.record(...event) },
    defaultS: config.supervision.defaultS,
    isRehearsed: testModes.isRehearsed,
  });
  return { announcer, queue, escalation, desk, supervision, changes, showOnConsoles };
}

/** What keeps the site sound over the years: its own time, what it forgets, and the tests of the alarm paths. */
function buildCare(base: Base, site: Site, config: SiteConfig) {
  const { db, clock } = base;
  const siteTime = new SiteTime(db, clock);
  const compactor = new Compactor({ db, clock });
  const { evidence, ledger } = site;
  const retention = new Retention({
    ...{ ...base, events: ledger, evidence, compactor, policy: config.retention },
    marks: new RetentionMarks(db, siteTime),
  });
  const { testEveryH, testToleranceH: toleranceH } = config.supervision;
  const events = { record: (...event: Parameters<Site['events']['record']>) => site.events.record(...event) };
  const pathWatch = new PathWatch({ ...base, siteTime, events, testEveryH, toleranceH });
  return { siteTime, compactor, retention, pathWatch };
}

interface AccessHooks {
  readonly onAttempt: ReturnType<typeof accessMetrics>;
  /** What let somebody in may not hold any more. */
  readonly onChanged: () => void;
}

function buildAccess(base: Base, config: SiteConfig, { onAttempt, onChanged }: AccessHooks) {
  const { clock } = base;
  const { access: settings, people: configured } = config;
  const lastUse = new LastUse(base);
  const people = new People({ ...base, configured, settings, onChanged });
  const tokens = new ApiTokens({ ...base, people, lastUse, settings, onChanged });
  const sessions = new Sessions({ ...base, people, tokens, lastUse, settings, onChanged });
  const signIn = new SignIn({ ...base, people, tokens, limit: new LoginLimit(clock, settings), onAttempt });
  return {
    ...{ people, tokens, sessions, signIn, lastUse },
    authentication: new Authentication(signIn, sessions),
  };
}

const urlOf = (scheme: string, host: string, port: number): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
