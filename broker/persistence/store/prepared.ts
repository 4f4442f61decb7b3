import type { Database, Statement } from 'better-sqlite3';

/** Distinct texts; above, the one prepared first goes. The site has about a hundred. */
const KEPT = 300;

/**
 * Compiling a statement costs more than running it (measured: 6 ms of a press with its incident). From here on
 * `prepare` answers the same statement for the same text, so that whoever uses a text uses it in one way: plucked or
 * not.
 */
export function keepPrepared(sql: Database): void {
  const prepare = sql.prepare.bind(sql);
  const kept = new Map<string, Statement>();
  const prepareOnce = (text: string): Statement => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const statement = prepare<unknown[]>(text);
    const [oldest] = kept.keys();
    if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(text, statement);
    return statement;
  };
  Object.defineProperty(sql, 'prepare', { value: prepareOnce });
}
