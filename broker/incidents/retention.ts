import type { Database } from 'better-sqlite3';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { MarkedRows } from '#broker/persistence/ledger/retention-marks.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { type Cancel, type Clock, wait } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { Lane } from '#contract/topics.ts';
import { pruneCommands, pruneIncidents, pruneNotifications, pruneQuarantine } from './pruning.ts';
import type { RetentionPolicy } from './retention-policy.ts';

/** Of one lane, what is to go: up to this row, but not these events. */
export interface EventCut {
  readonly lane: Lane;
  readonly upToRow: number;
  readonly keep: readonly string[];
}

/** What can be told to forget. Each removes a small batch in one commit; `more`: another would find something. */
export interface EventArchive {
  prune(cut: EventCut, afterRow: number): Promise<Batch & { readonly lastRow: number }>;
  /** Watermarks and boots that nothing refers to any more. */
  pruneMarks(): Promise<number>;
}
export interface EvidenceArchive {
  prune(cut: {
    readonly wholesUpTo: number;
    readonly piecesUpTo: number;
    readonly keep: ReadonlySet<string>;
  }): Promise<number>;
  /** Notes of evidence that is gone, up to this row. */
  forget(upToRow: number): Promise<number>;
}
export interface Batch {
  readonly removed: number;
  readonly more: boolean;
}

export interface RetentionOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly events: EventArchive;
  readonly evidence: EvidenceArchive;
  readonly marks: {
    mark(keepDays: number): Promise<void>;
    olderThan(days: number): MarkedRows | null;
  };
  /** Gives room back to the disk; answers the bytes. */
  readonly compactor: { tidy(signal: AbortSignal): Promise<number> };
  readonly policy: RetentionPolicy;
  /** Between two batches, so that alarms have their turn. Milliseconds. */
  readonly pauseMs?: number;
}

/** What a round has removed, by kind. */
export type Removed = Readonly<Record<string, number>>;

const EVERY_MS = 3_600_000;
/** The first time soon after the start, but not in the middle of everybody's return. */
const FIRST_MS = 60_000;
const PAUSE_MS = 20;

/**
 * Forgets what has had its time, hour by hour and in small batches, but nothing that belongs to an incident still open
 * and no evidence that is on hold. Age is what the site has itself seen pass (RetentionMarks), never a wall clock.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stop = new AbortController();
  #cancels: Cancel[] = [];
  #running: Promise<void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#options;
    this.#cancels = [
      clock.after(FIRST_MS, () => void this.run()),
      clock.every(EVERY_MS, () => void this.run()),
    ];
  }

  /** Ends a round behind the batch it is at. Idempotent. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    this.#stop.abort();
    await this.#running;
  }

  /** One round; what fails is logged and tried again in the next. Resolves at its end, also for who comes meanwhile. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { log } = this.#options;
    try {
      const removed = await this.#forget();
      const freedBytes = await this.#options.compactor.tidy(this.#stop.signal);
      log.info({ ...removed, freedBytes }, 'retention.done');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.error({ error: String(error) }, 'retention.failed');
    }
  }

  async #forget(): Promise<Removed> {
    const { marks, policy } = this.#options;
    await marks.mark(Math.max(...Object.values(policy)));
    const held = this.#held();
    const removed: Removed = {
      evidence: await this.#evidence(held.blobIds),
      telemetry: await this.#events('telemetry', policy.telemetryDays, held.eventIds),
      events: await this.#events('event', policy.eventsDays, held.eventIds),
      alarms: await this.#events('alarm', policy.alarmsDays, held.eventIds),
      incidents: await this.#rows(policy.incidentsDays, pruneIncidents),
      notifications: await this.#rows(policy.notificationsDays, pruneNotifications),
      commands: await this.#rows(policy.commandsDays, pruneCommands),
      quarantine: await this.#rows(policy.quarantineDays, pruneQuarantine),
      marks: await this.#options.events.pruneMarks(),
    };
    await this.#note(removed);
    return removed;
  }

  async #events(lane: Lane, days: number, keep: readonly string[]): Promise<number> {
    const upToRow = this.#options.marks.olderThan(days)?.event;
    if (upToRow === undefined) return 0;
    let afterRow = 0;
    return this.#batches(async () => {
      const batch = await this.#options.events.prune({ lane, upToRow, keep }, afterRow);
      afterRow = batch.lastRow;
      return batch;
    });
  }

  async #evidence(keep: readonly string[]): Promise<number> {
    const { marks, evidence, policy } = this.#options;
    const rows = marks.olderThan(policy.evidenceDays);
    if (rows === null) return 0;
    const removed = await evidence.prune({
      wholesUpTo: rows.evidence,
      piecesUpTo: rows.piece,
      keep: new Set(keep),
    });
    const forgotten = marks.olderThan(Math.max(policy.evidenceDays, policy.eventsDays));
    if (forgotten !== null) await evidence.forget(forgotten.evidence);
    return removed;
  }

  #rows(days: number, prune: (sql: Database, rows: MarkedRows) => Batch): Promise<number> {
    const rows = this.#options.marks.olderThan(days);
    if (rows === null) return Promise.resolve(0);
    return this.#batches(() => this.#options.db.commit((sql) => prune(sql, rows)));
  }

  async #batches(next: () => Promise<Batch>): Promise<number> {
    const { clock, pauseMs = PAUSE_MS } = this.#options;
    let sum = 0;
    for (let more = true; more; ) {
      const batch = await next();
      sum += batch.removed;
      more = batch.more;
      if (more && pauseMs > 0) await wait(clock, pauseMs, this.#stop.signal);
    }
    return sum;
  }

  /** A round that removed something is a row of the audit chain: what is missing later, went here. */
  async #note(removed: Removed): Promise<void> {
    const detail = Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0));
    if (Object.keys(detail).length === 0) return;
    const { db, audit } = this.#options;
    await db.commit((sql) =>
      audit.append(sql, { who: 'site', action: 'retention.removed', subject: 'ledger', detail }),
    );
  }

  #held(): { eventIds: string[]; blobIds: string[] } {
    const { sql } = this.#options.db;
    const eventIds = sql
      .prepare<[], string>(
        `SELECT event_id FROM incident_alarm
         WHERE incident_id IN (SELECT id FROM incident
                               WHERE state IN ('open', 'acknowledged', 'assigned', 'on-scene'))`,
      )
      .pluck()
      .all();
    const onHold = sql.prepare<[], string>('SELECT blob_id FROM evidence_hold').pluck().all();
    return { eventIds, blobIds: [...onHold, ...blobsOfOpenIncidents(sql)] };
  }
}

/** Pictures, filmstrips and films: what the alarms of open incidents, and what was told after them, refer to. */
const blobsOfOpenIncidents = (sql: Database): string[] =>
  sql
    .prepare<[], string>(
      `SELECT json_tree.value FROM incident_alarm a, json_tree(json_array(json(a.picture), json(a.sighting)))
       WHERE json_tree.key = 'blobId' AND a.incident_id IN
         (SELECT id FROM incident WHERE state IN ('open', 'acknowledged', 'assigned', 'on-scene'))`,
    )
    .pluck()
    .all();
