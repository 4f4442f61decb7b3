import type { Database } from 'better-sqlite3';
import type { DeliveryProof } from './notifier.ts';

export interface NewNotification {
  readonly id: string;
  readonly incidentId: string;
  readonly round: number;
  readonly step: number;
  readonly notifier: string;
  readonly body: string;
  readonly createdAt: string;
  readonly dueMs: number;
}

export interface DueNotification {
  readonly id: string;
  readonly incident_id: string;
  readonly notifier: string;
  readonly body: string;
  readonly attempts: number;
  readonly next_attempt_ms: number;
}

/** The outcome of one attempt. `nextAttemptMs` null: given up. */
export interface FailedAttempt {
  readonly id: string;
  readonly error: string;
  readonly nextAttemptMs: number | null;
}

export function insertNotification(sql: Database, notification: NewNotification): void {
  sql
    .prepare(
      `INSERT INTO notification (id, incident_id, round, step, notifier, body, created_at, attempts, next_attempt_ms)
       VALUES (@id, @incidentId, @round, @step, @notifier, @body, @createdAt, 0, @dueMs)`,
    )
    .run(notification);
}

/** What waits for an attempt, the earliest first. */
export const waitingNotifications = (sql: Database, limit: number): DueNotification[] =>
  sql
    .prepare<[number], DueNotification>(
      `SELECT id, incident_id, notifier, body, attempts, next_attempt_ms FROM notification
       WHERE next_attempt_ms IS NOT NULL ORDER BY next_attempt_ms LIMIT ?`,
    )
    .all(limit);

export function recordDelivery(sql: Database, id: string, proof: DeliveryProof): void {
  sql
    .prepare(
      `UPDATE notification SET attempts = attempts + 1, next_attempt_ms = NULL, error = NULL,
         delivered_at = @at, status = @status, response_id = @responseId WHERE id = @id`,
    )
    .run({ id, ...proof });
}

export function recordFailure(sql: Database, attempt: FailedAttempt): void {
  // A notification that was withdrawn meanwhile stays so.
  sql
    .prepare(
      `UPDATE notification SET attempts = attempts + 1, error = @error,
         next_attempt_ms = CASE WHEN next_attempt_ms IS NULL THEN NULL ELSE @nextAttemptMs END WHERE id = @id`,
    )
    .run(attempt);
}

/** The incident is over: nobody needs to be woken for it any more. */
export function withdrawNotifications(sql: Database, incidentId: string): void {
  sql
    .prepare(
      `UPDATE notification SET next_attempt_ms = NULL, error = coalesce(error || '; ', '') || 'withdrawn'
       WHERE incident_id = ? AND next_attempt_ms IS NOT NULL`,
    )
    .run(incidentId);
}
