import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { Audit } from './people.ts';
import { endAccess } from './person-rows.ts';
import { hashSecret, newSecret } from './secrets.ts';

export interface AdminTokenParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Audit;
}

export const ADMIN_TOKEN_FILE = 'admin.token';
const ADMIN = 'admin';

/**
 * Makes sure that whoever owns the data folder can get in: `admin.token` there (readable by its owner alone) holds
 * a token that the database knows by its hash. A file that was removed or changed is replaced, which is also how to
 * change the token: what had come of the one before, its sessions and API tokens, ends with it. Returns the file's path.
 */
export async function ensureAdminToken(
  { db, clock, audit }: AdminTokenParts,
  dataDir: string,
): Promise<string> {
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  const present = readToken(file);
  if (present !== null && isKnown(db, present)) {
    chmodSync(file, 0o600);
    return file;
  }
  const token = newSecret('wp_');
  await db.commit((sql) => {
    endAccess(sql, ADMIN, 'sessions-and-tokens');
    sql
      .prepare(
        `INSERT INTO access_token (hash, person, role, created_at) VALUES (?, ?, 'admin', ?)
         ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at`,
      )
      .run(hashSecret(token), ADMIN, new Date(clock.wallMs()).toISOString());
    const detail = { label: ADMIN_TOKEN_FILE };
    audit.append(sql, { who: 'site', action: 'token.created', subject: ADMIN, detail });
  });
  const draft = `${file}.new`;
  writeFileSync(draft, `${token}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return file;
}

function readToken(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

const isKnown = ({ sql }: GroupCommit, token: string): boolean =>
  sql.prepare('SELECT 1 FROM access_token WHERE hash = ?').get(hashSecret(token)) !== undefined;
