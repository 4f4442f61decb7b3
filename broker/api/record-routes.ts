import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Person } from '#broker/auth/roles.ts';
import {
  type AuditHead,
  type AuditLog,
  type AuditRow,
  auditAfter,
  checkOfHead,
  headAt,
  headOf,
  listAudit,
} from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { EVENT_TYPE_PATTERN } from '#contract/envelope.ts';
import { WatchpostError } from '#contract/errors.ts';
import { addressOfClientId } from '#contract/names.ts';
import type { Authentication } from './authentication.ts';
import { PageQuery, pageOf } from './paging.ts';
import type { EventReader, EvidenceReader } from './ports.ts';

export interface RecordParts {
  readonly authentication: Authentication;
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly events: EventReader;
  readonly evidence: EvidenceReader;
}

const EventsQuery = PageQuery.extend({
  device: z.string().max(65).optional(),
  type: z.string().max(128).regex(EVENT_TYPE_PATTERN).optional(),
});
const ExportQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });
const EXPORT_PAGE = 500;
const EvidenceParams = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });

/** Kinds that a browser may show; anything else is only downloaded. */
const SHOWN = /^(image\/(png|jpeg|webp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

/** What was recorded: events, evidence, and who did what. */
export function recordRoutes(scope: FastifyInstance, parts: RecordParts): void {
  const { authentication, db, audit, events, evidence } = parts;
  scope.get('/events', async (request) => {
    authentication.person(request, 'read');
    const { device, type = null, after, limit } = EventsQuery.parse(request.query);
    const address = device === undefined ? null : addressOfClientId(device);
    if (device !== undefined && address === null) throw new WatchpostError('WP3404', { detail: device });
    const rows = events.list({ device: address, type, before: after, limit: limit + 1 });
    return pageOf(rows, limit, (row) => row);
  });
  scope.get('/evidence/:id', async (request, reply) => {
    const person = authentication.person(request, 'evidence');
    const { data } = EvidenceParams.safeParse(request.params);
    const found = data === undefined ? null : evidence.find(data.id);
    if (data === undefined || found === null) throw new WatchpostError('WP3407', { detail: data?.id ?? '' });
    await audit.record(db, { who: person.name, action: 'evidence.viewed', subject: data.id });
    const shown = SHOWN.test(found.mediaType);
    return reply
      .header('content-type', shown ? found.mediaType : 'application/octet-stream')
      .header('content-length', found.bytes)
      .header('content-disposition', shown ? 'inline' : `attachment; filename="${data.id}"`)
      .header('cache-control', 'private, no-store')
      .send(found.open());
  });
  scope.get('/audit', async (request) => {
    authentication.person(request, 'audit');
    const { after, limit } = PageQuery.parse(request.query);
    const rows = listAudit(db.sql, { before: after, limit: limit + 1 });
    return { ...pageOf(rows, limit, auditItem), head: headOf(db.sql) };
  });
  scope.get('/audit/export', async (request, reply) => {
    const person = authentication.person(request, 'audit');
    const { after } = ExportQuery.parse(request.query);
    const { head, lines } = await exportAudit(parts, person, after);
    return reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('content-disposition', `attachment; filename="audit-${after + 1}-${head.row}.ndjson"`)
      .send(lines);
  });
}

/** The whole chain, or what follows a row, as lines of JSON: the auditor's own copy, to be verified anywhere. */
async function exportAudit(
  { db, audit }: RecordParts,
  person: Person,
  after: number,
): Promise<{ readonly head: AuditHead; readonly lines: Readable }> {
  const start = headAt(db.sql, after);
  if (start === null) throw new WatchpostError('WP3400', { detail: 'after: there is no such row' });
  // The export is in the export: whoever reads it knows of it.
  await audit.record(db, { who: person.name, action: 'audit.exported', subject: `after row ${after}` });
  const head = headOf(db.sql);
  return { head, lines: Readable.from(exportLines(db, { start, head })) };
}

/** In pages, between which others use the database. */
function* exportLines(
  { sql }: GroupCommit,
  { start, head }: { start: AuditHead; head: AuditHead },
): Generator<string> {
  yield `${JSON.stringify({ start })}\n`;
  for (let at = start.row; at < head.row; ) {
    const rows = auditAfter(sql, { after: at, limit: Math.min(EXPORT_PAGE, head.row - at) });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    at = last.row;
  }
  yield `${JSON.stringify({ head: { ...head, check: checkOfHead(head) } })}\n`;
}

const auditItem = ({ detail, ...row }: AuditRow) => ({ ...row, detail: JSON.parse(detail) });
