import type { Database, Statement } from 'better-sqlite3';

/**
 * The one open transaction, and the savepoint of the work that is under way in it. With its statements at hand and its
 * state remembered: asking SQLite for both costs as much as a small insert.
 */
export class Transaction {
  readonly #sql: Database;
  readonly #begin: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #commit: Statement;
  #isOpen = false;

  constructor(sql: Database) {
    this.#sql = sql;
    this.#begin = sql.prepare('BEGIN IMMEDIATE');
    this.#savepoint = sql.prepare('SAVEPOINT work');
    this.#release = sql.prepare('RELEASE work');
    this.#commit = sql.prepare('COMMIT');
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Asks SQLite, which ends a transaction by itself after some errors (a full disk). */
  look(): boolean {
    this.#isOpen = this.#sql.inTransaction;
    return this.#isOpen;
  }

  beginWork(): void {
    if (!this.#isOpen) this.#begin.run();
    this.#isOpen = true;
    this.#savepoint.run();
  }

  endWork(): void {
    this.#release.run();
  }

  undoWork(): void {
    this.#sql.exec('ROLLBACK TO work; RELEASE work');
  }

  commit(): void {
    this.#commit.run();
    this.#isOpen = false;
  }

  rollBack(): void {
    if (this.look()) this.#sql.exec('ROLLBACK');
    this.#isOpen = false;
  }
}
