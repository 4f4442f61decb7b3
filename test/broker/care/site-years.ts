import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { IngestListeners } from '#broker/incidents/ingest-listeners.ts';
import { PathWatch } from '#broker/incidents/path-watch.ts';
import { Retention } from '#broker/incidents/retention.ts';
import type { RetentionPolicy } from '#broker/incidents/retention-policy.ts';
import { DeviceRegister } from '#broker/persistence/ledger/devices.ts';
import { EvidenceStore } from '#broker/persistence/ledger/evidence.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { RetentionMarks } from '#broker/persistence/ledger/retention-marks.ts';
import { MqttPersistence, type Pump } from '#broker/persistence/sessions/mqtt-persistence.ts';
import { SessionLimits } from '#broker/persistence/sessions/session-limits.ts';
import { Compactor } from '#broker/persistence/store/compactor.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Envelope } from '#contract/envelope.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import { upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '#test/support/site-database.ts';
import { incidentSide, PLACE } from '../support/desk.ts';

export interface YearsSetting {
  readonly folder: string;
  readonly policy: RetentionPolicy;
  readonly devices: number;
  /** Telemetry of each device. */
  readonly everyMinutes: number;
}

/** What the site takes on its disk at the end of a day. */
export interface DaySize {
  readonly day: number;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly logBytes: number;
}

/** The subscriber is away all the time. */
const nobodyThere: Pump = {
  attach: () => undefined,
  isAttached: () => false,
  keepaliveS: () => 0,
  keepsWill: () => false,
  ownsWill: () => undefined,
  send: () => undefined,
  due: () => undefined,
  ended: () => undefined,
};

const HOUR_MS = 3_600_000;
const PICTURE_BYTES = 20_000;

/**
 * A site below MQTT on simulated time: the ledger, incidents, evidence, queues of an absent subscriber, test alarms and
 * retention as the broker wires them, and devices that say something every few minutes.
 */
export class SiteYears {
  readonly clock = new ManualClock();
  readonly db: SiteDatabase;
  readonly ledger: Ledger;
  readonly side: ReturnType<typeof incidentSide>;
  readonly evidence: EvidenceStore;
  readonly retention: Retention;
  readonly compactor: Compactor;
  readonly failures: object[] = [];
  readonly #setting: YearsSetting;
  readonly #register: DeviceRegister;
  readonly #mqtt: MqttPersistence;
  readonly #listener: IngestListeners;
  readonly #seqs = new Map<string, number>();
  readonly #boots = new Map<string, number>();
  /** Of its own, and advanced once a day: its round every minute is not what is looked at here. */
  readonly #queueClock = new ManualClock();
  messages = 0;
  incidents = 0;

  constructor(setting: YearsSetting) {
    const { clock } = this;
    this.#setting = setting;
    const path = join(setting.folder, 'site.db');
    const log = { ...silentLog, error: (fields: object) => void this.failures.push(fields) };
    // What is measured is size and plans: not the disk's patience.
    this.db = new SiteDatabase({ path, clock, log, synchronous: 'NORMAL' });
    this.db.start();
    const { db } = this;
    this.side = incidentSide({ db, clock });
    this.ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
    this.#register = new DeviceRegister(db, clock);
    this.evidence = new EvidenceStore({
      ...{ store: db, folder: join(setting.folder, 'evidence'), clock, log, onComplete: () => undefined },
    });
    this.compactor = new Compactor({ db, clock, pauseMs: 0 });
    const seen = {
      get seenMs() {
        return clock.monoMs();
      },
      get ranMs() {
        return clock.monoMs();
      },
    };
    this.retention = new Retention({
      ...{ db, clock, log, audit: this.side.audit, events: this.ledger, evidence: this.evidence },
      ...{ compactor: this.compactor, policy: setting.policy, pauseMs: 0 },
      marks: new RetentionMarks(db, seen),
    });
    const watch = new PathWatch({
      ...{ db, clock, log, devices: this.side.devices, siteTime: seen, testEveryH: 24, toleranceH: 2 },
      events: {
        record: () => {
          throw new RangeError('no test is missed here');
        },
      },
    });
    this.#listener = new IngestListeners([this.side.desk, watch]);
    const limits = SessionLimits.parse({ messages: 2000, ageH: 72, expiryH: 8760 });
    this.#mqtt = new MqttPersistence(db, { clock: this.#queueClock, log, limits });
    this.#mqtt.pumpWith(nobodyThere);
  }

  async start(): Promise<void> {
    await this.#mqtt.setup({ id: 'years' });
    await this.#mqtt.addSubscriptions({ id: 'svc.away' }, [{ topic: 'wp/1/+/+/up/#', qos: 1 }]);
  }

  async close(): Promise<void> {
    this.side.escalation.close();
    await this.side.queue.close();
    await this.retention.close();
    await this.evidence.close();
    this.#mqtt.close();
    await this.db.close();
  }

  /** One day; answers what it left on the disk. */
  async day(day: number): Promise<DaySize> {
    for (let hour = 0; hour < 24; hour += 1) {
      await this.#hour(day, hour);
      await this.clock.advance(HOUR_MS);
      if (hour % 6 === 5) await this.retention.run();
      if (this.failures.length > 0) throw new RangeError(JSON.stringify(this.failures[0]));
    }
    await this.#queueClock.advance(60_000);
    const { bytes, freeBytes } = this.compactor.size;
    const logBytes = statSync(`${this.db.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return { day, bytes, freeBytes, logBytes };
  }

  async #hour(day: number, hour: number): Promise<void> {
    const { devices, everyMinutes } = this.#setting;
    // As under load: many messages share a commit.
    await this.db.commit(() => {
      for (let minute = 0; minute < 60; minute += everyMinutes) {
        for (let n = 0; n < devices; n += 1) this.#sample(addressOf(n), minute);
      }
    });
    for (let n = 0; n < devices; n += 1) {
      const address = addressOf(n);
      if (hour === n % 24) await this.#daily(address, day);
      await this.#say(address, 'wp.sensor.crossed.v1', {
        ...{
          sensor: 'sound',
          value: 70,
          unit: 'dB',
          threshold: 65,
          direction: hour % 2 === 0 ? 'above' : 'normal',
        },
      });
    }
  }

  /** A test alarm, a thing left behind with its picture, now and then a press and a restart. */
  async #daily(address: DeviceAddress, day: number): Promise<void> {
    await this.#say(address, 'wp.path.tested.v1', { cause: 'daily' });
    await this.#object(address, day);
    if (day % 7 === 3) {
      const id = await this.#say(address, 'wp.panic.pressed.v1', {
        input: 'button',
        cause: 'edge',
        edges: 1,
      });
      await this.#resolve(id, 'acknowledge', 'assign', 'arrive', 'resolve', 'review');
    }
    if (day % 5 === 1) this.#boots.set(address.device, (this.#boots.get(address.device) ?? 0) + 1);
    // A number that never comes: a gap that somebody has to give up one day.
    if (day % 10 === 2) this.#nextSeq(address, 'telemetry');
  }

  async #object(address: DeviceAddress, day: number): Promise<void> {
    const content = randomBytes(PICTURE_BYTES);
    const blobId = `${address.device}-${day}`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const picture = { blobId, mediaType: 'image/png', bytes: content.length, pieces: 1, sha256 };
    const seen = {
      objectId: blobId,
      box: [0, 0, 1, 1],
      score: 0.9,
      reason: 'left',
      t: 9,
      since: 1,
      camera: 'c',
    };
    const id = await this.#say(address, 'wp.object.left.v1', { ...seen, picture });
    await this.db.commit((sql) => this.evidence.addPiece(sql, address, blobId, 0, content));
    await this.evidence.idle();
    await this.#resolve(id, 'acknowledge', 'resolve');
  }

  async #resolve(
    eventId: string,
    ...actions: readonly Parameters<typeof this.side.desk.act>[1][]
  ): Promise<void> {
    const incident = this.side.view.incidentOfEvent(eventId) ?? '';
    this.incidents += 1;
    for (const action of actions) await this.side.desk.act(incident, action, { note: 'seen' }, 'desk-1');
  }

  #sample(address: DeviceAddress, minute: number): void {
    const time = new Date(this.clock.wallMs() + minute * 60_000).toISOString();
    const samples = ['temperature', 'sound', 'disk-free'].map((sensor) => ({
      ...{ sensor, value: Math.round(Math.random() * 1000) / 10, unit: 'u', time, mono: '123456789' },
    }));
    this.#take(address, 'wp.telemetry.sampled.v1', { samples });
  }

  async #say(address: DeviceAddress, type: EventType, data: Record<string, unknown>): Promise<string> {
    return this.db.commit(() => this.#take(address, type, { place: PLACE, ...data }));
  }

  /** As the gate does it, in the caller's commit. */
  #take(address: DeviceAddress, type: EventType, data: Record<string, unknown>): string {
    const lane = EVENT_LANES[type];
    const boot = `${address.device}-${this.#boots.get(address.device) ?? 0}`;
    const envelope: Envelope = {
      ...{ specversion: '1.0', id: uuidv7(this.clock), source: sourceOf(address), type },
      ...{ time: new Date(this.clock.wallMs()).toISOString(), data, wpepoch: 'e1', wplane: lane },
      ...{ wpseq: this.#nextSeq(address, lane), wpclock: 'synced', wpboot: boot },
      wpmono: String(Math.floor(this.clock.monoMs())),
    };
    this.messages += 1;
    const ingested = this.ledger.ingest(address, envelope, false);
    if (ingested.kind !== 'taken') throw new RangeError(`${type}: ${ingested.kind}`);
    this.evidence.announce(this.db.sql, envelope);
    this.#register.touch(address);
    this.#listener.onEvent(ingested.event);
    // The one who is away wants everything but most samples.
    if (lane === 'telemetry' && this.messages % 20 !== 0) return envelope.id;
    const payload = Buffer.from(JSON.stringify(envelope));
    this.#mqtt.prepare(this.db.sql, null, { cmd: 'publish', topic: upTopic(address, lane), payload, qos: 1 });
    return envelope.id;
  }

  #nextSeq({ device }: DeviceAddress, lane: string): number {
    const next = (this.#seqs.get(`${device} ${lane}`) ?? 0) + 1;
    this.#seqs.set(`${device} ${lane}`, next);
    return next;
  }
}

export const addressOf = (n: number): DeviceAddress => ({ site: 'mall', device: `pillar-${n}` });
