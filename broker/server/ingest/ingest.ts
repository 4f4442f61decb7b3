import type { Database } from 'better-sqlite3';
import type { DeviceRegister } from '#broker/persistence/ledger/devices.ts';
import type { EvidenceStore } from '#broker/persistence/ledger/evidence.ts';
import { keyOf, type Ledger } from '#broker/persistence/ledger/ledger.ts';
import type { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import type { IngestListener, LedgerEvent, TestJudge } from '#broker/persistence/ports.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Clock } from '#contract/clock.ts';
import type { Envelope } from '#contract/envelope.ts';
import { WatchpostError } from '#contract/errors.ts';
import { EVENT_LANES, isEventType } from '#contract/event-types.ts';
import { CommandReply, DeviceState } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { LANES, type Lane, type ParsedTopic } from '#contract/topics.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { SiteFeed } from '../site-feed.ts';
import { type Fault, readEnvelope, readMessage, remainsOf } from './message-reader.ts';
import type { Receipts } from './receipts.ts';

export interface IngestParts {
  readonly store: SiteDatabase;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly register: DeviceRegister;
  readonly evidence: EvidenceStore;
  readonly receipts: Receipts;
  readonly feed: SiteFeed;
  readonly metrics: ServerMetrics;
  readonly clock: Clock;
}

export interface IngestHooks {
  readonly listener: IngestListener;
  readonly judge: TestJudge;
  /** Whether what the site itself says of a device now is part of a test. */
  readonly isRehearsed?: (address: DeviceAddress) => boolean;
  /** Inside the ingest transaction: a device's answer. False when it answers nothing that it was asked. */
  readonly onReply?: (address: DeviceAddress, reply: CommandReply) => boolean;
}

export interface Message {
  readonly client: string;
  readonly topic: string;
  readonly payload: Buffer;
}

/** What goes on to subscribers: the message as it came, with another payload, or nothing. */
export type Forward = { readonly payload: Buffer } | 'nothing';

/** Something to be done inside the ingest transaction; what it throws takes back the whole message. */
export type IngestWork = (sql: Database) => Forward;

/** Turns what devices send into ledger rows, states, replies, evidence; or, where it is poison, into quarantine. */
export class Ingest {
  readonly #parts: IngestParts;
  readonly #hooks: IngestHooks;

  constructor(parts: IngestParts, hooks: IngestHooks) {
    this.#parts = parts;
    this.#hooks = hooks;
  }

  /** The work for a message of an authenticated device on a topic under its own `up/`. */
  workFor(address: DeviceAddress, parsed: ParsedTopic | null, message: Message): IngestWork {
    if (parsed === null || parsed.direction !== 'up') {
      return this.#poison(address, null, message, { code: 'WP1001', detail: message.topic });
    }
    if (parsed.channel === 'blob') return this.#piece(address, parsed, message);
    if (parsed.channel === 'state') return this.#state(address, message);
    if (parsed.channel === 'reply') return this.#reply(address, message);
    return this.#envelope(address, parsed.channel, message);
  }

  /** The work for a message that failed twice though it fits: quarantine, so that it blocks nothing behind it. */
  givenUp(address: DeviceAddress, parsed: ParsedTopic | null, message: Message, error: Error): IngestWork {
    const lane = LANES.find((each) => each === parsed?.channel) ?? null;
    return this.#poison(address, lane, message, { code: 'WP1013', detail: error.message });
  }

  /** Files what a client was not allowed to say; nothing of it is believed. */
  refuse(message: Message, fault: Fault): Promise<unknown> {
    const { store, quarantine, metrics } = this.#parts;
    metrics.quarantined.inc({ code: fault.code });
    const nobody = { source: null, epoch: null, lane: null, seq: null, eventId: null };
    return store.commit(() => quarantine.add({ ...message, ...fault, ...nobody }, this.#now()));
  }

  #envelope(address: DeviceAddress, lane: Lane, message: Message): IngestWork {
    const read = readEnvelope(address, lane, message.payload);
    return read.ok
      ? this.#event(address, read.value, message)
      : this.#poison(address, lane, message, read.fault);
  }

  #event(address: DeviceAddress, envelope: Envelope, message: Message): IngestWork {
    const { ledger, register, evidence, receipts, metrics, store } = this.#parts;
    return (sql) => {
      const test = this.#hooks.judge(address, envelope);
      const ingested = ledger.ingest(address, envelope, test);
      metrics.ingested.inc({ lane: envelope.wplane, outcome: ingested.kind });
      if (ingested.kind === 'conflict') {
        const detail = `${envelope.wpepoch} ${envelope.wplane} ${envelope.wpseq} is ${ingested.takenBy}`;
        return this.#poison(address, envelope.wplane, message, { code: 'WP1007', detail })(sql);
      }
      register.touch(address);
      store.afterCommit(() => receipts.due(keyOf(envelope)));
      if (ingested.kind === 'taken') {
        evidence.announce(sql, envelope);
        this.#lagged(ingested.event);
        this.#told(ingested.event, ingested.redated);
        this.#closedElsewhere(envelope);
      }
      return { payload: payloadAs(message.payload, envelope, test) };
    };
  }

  /** Only where the device knows the time; a clock that is ahead of ours lags by nothing. */
  #lagged({ envelope, lane, receivedAt }: LedgerEvent): void {
    if (envelope.wpclock !== 'synced') return;
    const lagMs = Date.parse(receivedAt) - Date.parse(envelope.time);
    this.#parts.metrics.ingestLagSeconds.observe({ lane }, Math.max(0, lagMs) / 1000);
  }

  #told(event: LedgerEvent, redated: readonly LedgerEvent[]): void {
    const { listener } = this.#hooks;
    const { store, feed } = this.#parts;
    listener.onEvent(event);
    for (const each of redated) listener.onRedated?.(each);
    store.afterCommit(() => {
      for (const each of [...redated, event]) feed.tell('event', each);
    });
  }

  /** A dropped range belongs to the lane it names, which may be another than that of the message. */
  #closedElsewhere({ type, source, data }: Envelope): void {
    const { epoch, lane } = data;
    const named = LANES.find((each) => each === lane);
    if (type !== 'wp.lane.dropped.v1' || typeof epoch !== 'string' || named === undefined) return;
    this.#parts.store.afterCommit(() => this.#parts.receipts.due({ source, epoch, lane: named }));
  }

  #state(address: DeviceAddress, message: Message): IngestWork {
    const { register, store, receipts, feed } = this.#parts;
    const read = readMessage(DeviceState, message.payload);
    if (!read.ok) return this.#poison(address, null, message, read.fault);
    const state = read.value;
    return () => {
      const verdict = register.applyState(address, state);
      if (verdict === 'stale') return 'nothing';
      store.afterCommit(() => {
        if (verdict === 'connected') this.#receiptsFor(address, state, receipts);
        feed.tell('device', address);
      });
      return { payload: message.payload };
    };
  }

  #receiptsFor(address: DeviceAddress, { lanes = {} }: DeviceState, receipts: Receipts): void {
    for (const lane of LANES) {
      const epoch = lanes[lane]?.epoch;
      if (epoch !== undefined) receipts.due({ source: sourceOf(address), epoch, lane });
    }
  }

  #reply(address: DeviceAddress, message: Message): IngestWork {
    const { register, store, feed, evidence } = this.#parts;
    const read = readMessage(CommandReply, message.payload);
    if (!read.ok) return this.#poison(address, null, message, read.fault);
    const reply = read.value;
    return (sql) => {
      register.touch(address);
      const isKnown = this.#hooks.onReply?.(address, reply) ?? true;
      // A picture that was asked for comes beside the answer, as evidence comes beside an event.
      if (isKnown && reply.ok) {
        evidence.announce(sql, {
          source: sourceOf(address),
          id: reply.id,
          data: { result: reply.result ?? {} },
        });
      }
      if (isKnown) store.afterCommit(() => feed.tell('reply', { address, reply }));
      return { payload: message.payload };
    };
  }

  #piece(
    address: DeviceAddress,
    { blobId, piece }: { readonly blobId: string; readonly piece: number },
    message: Message,
  ): IngestWork {
    return (sql) => {
      try {
        this.#parts.evidence.addPiece(sql, address, blobId, piece, message.payload);
        return { payload: message.payload };
      } catch (error) {
        if (!(error instanceof WatchpostError) || error.code !== 'WP1009') throw error;
        return this.#poison(address, null, message, { code: error.code, detail: error.detail ?? '' })(sql);
      }
    };
  }

  #poison(address: DeviceAddress, topicLane: Lane | null, message: Message, fault: Fault): IngestWork {
    const { quarantine, ledger, receipts, register, metrics, store } = this.#parts;
    const { epoch, seq, eventId, lane: saidLane, type } = remainsOf(message.payload);
    const source = sourceOf(address);
    const lane = saidLane ?? topicLane;
    return () => {
      metrics.quarantined.inc({ code: fault.code });
      register.touch(address);
      const refused = {
        ...message,
        ...fault,
        client: clientIdOf(address),
        source,
        epoch,
        lane,
        seq,
        eventId,
      };
      const { row, first } = quarantine.add(refused, this.#now());
      if (topicLane !== null && lane !== null && epoch !== null) {
        const key = { source, epoch, lane };
        if (seq !== null && fault.code !== 'WP1007') ledger.pass(key, seq, eventId);
        store.afterCommit(() => receipts.due(key));
      }
      if (first && isAlarm(topicLane, saidLane, type)) {
        const { site, device } = address;
        this.#hooks.listener.onPoisonedAlarm({
          ...{ site, device, quarantineRow: row, receivedAt: this.#now() },
          ...{ code: fault.code, eventId, type },
        });
      }
      return 'nothing';
    };
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}

function isAlarm(topicLane: Lane | null, saidLane: Lane | null, type: string | null): boolean {
  if (topicLane === null) return false;
  const typeLane = type !== null && isEventType(type) ? EVENT_LANES[type] : null;
  return [topicLane, saidLane, typeLane].includes('alarm');
}

/** The broker, not the device, says what is a test. */
function payloadAs(payload: Buffer, { wptest, ...rest }: Envelope, test: boolean): Buffer {
  if ((wptest ?? false) === test) return payload;
  return Buffer.from(JSON.stringify(test ? { ...rest, wptest: true } : rest));
}
