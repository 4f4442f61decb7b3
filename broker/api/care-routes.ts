import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Compactor } from '#broker/persistence/store/compactor.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Authentication } from './authentication.ts';

export interface CareParts {
  readonly authentication: Authentication;
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly compactor: Compactor;
  /** What the wall clock claims to have passed and is not counted yet, in milliseconds (SiteTime). */
  readonly siteTime: { readonly owedMs: number };
}

/** What `watchpost broker backup` tells of what it has made. */
const BackupNote = z.strictObject({
  path: z.string().max(1000),
  manifestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  files: z.int().min(1),
  madeAt: z.string().max(40),
});

const HoldParams = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });
const HoldBody = z.strictObject({ note: z.string().max(2000).optional() });

/** Room on the disk, backups, and evidence that is to be kept. */
export function careRoutes(scope: FastifyInstance, parts: CareParts): void {
  const { authentication, db, audit, compactor } = parts;
  const compaction = new Compaction(parts);
  const standing = () => ({
    database: compactor.size,
    compacting: compaction.isRunning,
    owedHours: Math.round(parts.siteTime.owedMs / 360_000) / 10,
  });
  scope.get('/care', async (request) => {
    authentication.person(request, 'system');
    return standing();
  });
  scope.post('/care/compact', async (request, reply) => {
    const { name } = authentication.person(request, 'system');
    compaction.begin();
    await db.commit((sql) =>
      audit.append(sql, { who: name, action: 'database.compacted', subject: 'site.db' }),
    );
    return reply.code(202).send(standing());
  });
  scope.post('/care/backups', async (request, reply) => {
    const { name } = authentication.person(request, 'system');
    const detail = BackupNote.parse(request.body);
    await db.commit((sql) =>
      audit.append(sql, { who: name, action: 'backup.made', subject: 'ledger', detail }),
    );
    return reply.code(204).send();
  });
  scope.addHook('onClose', () => compaction.close());
  holdRoutes(scope, parts);
}

/** Evidence on hold outlives its retention until somebody lets it go. */
function holdRoutes(scope: FastifyInstance, { authentication, db, audit, clock }: CareParts): void {
  scope.put('/evidence/:id/hold', async (request, reply) => {
    const { name } = authentication.person(request, 'review');
    const { id } = HoldParams.parse(request.params);
    const { note = null } = HoldBody.parse(request.body ?? {});
    await db.commit((sql) => {
      const known = sql.prepare("SELECT 1 FROM evidence WHERE blob_id = ? AND state <> 'erased'").get(id);
      if (known === undefined) throw new WatchpostError('WP3407', { detail: id });
      const at = new Date(clock.wallMs()).toISOString();
      sql
        .prepare('REPLACE INTO evidence_hold (blob_id, who, at, note) VALUES (?, ?, ?, ?)')
        .run(id, name, at, note);
      audit.append(sql, { who: name, action: 'evidence.held', subject: id, detail: { note } });
    });
    return reply.code(204).send();
  });
  scope.delete('/evidence/:id/hold', async (request, reply) => {
    const { name } = authentication.person(request, 'review');
    const { id } = HoldParams.parse(request.params);
    await db.commit((sql) => {
      if (sql.prepare('DELETE FROM evidence_hold WHERE blob_id = ?').run(id).changes === 0) return;
      audit.append(sql, { who: name, action: 'evidence.released', subject: id });
    });
    return reply.code(204).send();
  });
}

/** One at a time, beside everything else; the request that begins it does not wait for its end. */
class Compaction {
  readonly #parts: CareParts;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(parts: CareParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Ends it behind the step it is at. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { compactor, log } = this.#parts;
    try {
      const freedBytes = await compactor.shrink(0, this.#stop.signal);
      log.info({ freedBytes }, 'care.compacted');
    } catch (error) {
      if (!this.#stop.signal.aborted) log.error({ error: String(error) }, 'care.not-compacted');
    }
  }
}
