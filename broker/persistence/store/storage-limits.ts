import * as z from 'zod';

/** How the site's database uses its disk (`limits.storage`). */
export const StorageLimits = z.strictObject({
  /**
   * Size at which the write-ahead log is moved into the database and begun again. MiB. It may be passed for as long as
   * somebody reads an old state (a copy being made).
   */
  walMiB: z.int().min(1).max(1024).default(16),
  /** A database up to this size is checked at a start that follows no clean stop. MiB; 0 never checks. */
  startCheckMiB: z.int().min(0).max(1_000_000).default(1024),
});
export type StorageLimits = z.infer<typeof StorageLimits>;

export const DEFAULT_STORAGE_LIMITS: StorageLimits = StorageLimits.parse({});
