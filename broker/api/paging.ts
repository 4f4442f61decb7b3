import * as z from 'zod';
import type { Page } from '#contract/http.ts';

/** A cursor names a row; clients take it as it is. */
const Cursor = z
  .string()
  .regex(/^[1-9][0-9]{0,15}$/, 'use the `next` of the page before')
  .transform(Number);

/** Every list takes these; unknown parameters are refused, so that a mistyped filter does not answer everything. */
export const PageQuery = z.strictObject({
  after: Cursor.default(Number.MAX_SAFE_INTEGER),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Asks for one more than `limit` and says whether there is more. */
export function pageOf<Row extends { readonly row: number }, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last !== undefined ? String(last.row) : null;
  return { items: items.map(itemOf), next };
}
