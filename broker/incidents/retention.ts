import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

/** What can be told to forget what is older than `olderThan` (RFC 3339, UTC). */
export interface EventArchive {
  prune(olderThan: string, keep: readonly string[]): Promise<number>;
}
export interface EvidenceArchive {
  prune(olderThan: string, keep: ReadonlySet<string>): Promise<number>;
}

export interface RetentionOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventArchive;
  readonly evidence: EvidenceArchive;
  readonly eventsDays: number;
  readonly evidenceDays: number;
}

const EVERY_MS = 3_600_000;
/** The first time soon after the start, but not in the middle of everybody's return. */
const FIRST_MS = 60_000;
const DAY_MS = 86_400_000;

/** Forgets events and evidence when their time is over, but nothing that belongs to an incident still open. */
export class Retention {
  readonly #options: RetentionOptions;
  #cancels: Cancel[] = [];

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

  /** Idempotent. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  /** One round; what fails is logged and tried again in the next. */
  async run(): Promise<void> {
    const { log, events, evidence, eventsDays, evidenceDays } = this.#options;
    try {
      const { eventIds, blobIds } = this.#held();
      const removed = {
        evidence: await evidence.prune(this.#ago(evidenceDays), new Set(blobIds)),
        events: await events.prune(this.#ago(eventsDays), eventIds),
        commands: await this.#pruneCommands(this.#ago(eventsDays)),
      };
      log.info(removed, 'retention.done');
    } catch (error) {
      log.error({ error: String(error) }, 'retention.failed');
    }
  }

  #held(): { eventIds: string[]; blobIds: string[] } {
    const rows = this.#options.db.sql
      .prepare<[], { event_id: string; blob_id: string | null }>(
        `SELECT event_id, json_extract(picture, '$.blobId') AS blob_id FROM incident_alarm
         WHERE incident_id IN (SELECT id FROM incident WHERE state NOT IN ('resolved', 'reviewed'))`,
      )
      .all();
    return {
      eventIds: rows.map(({ event_id }) => event_id),
      blobIds: rows.flatMap(({ blob_id }) => blob_id ?? []),
    };
  }

  #pruneCommands(olderThan: string): Promise<number> {
    return this.#options.db.commit(
      (sql) => sql.prepare('DELETE FROM command WHERE issued_at < ?').run(olderThan).changes,
    );
  }

  #ago(days: number): string {
    return new Date(this.#options.clock.wallMs() - days * DAY_MS).toISOString();
  }
}
