import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { CommissioningDesk } from '#broker/commissioning/desk.ts';
import { printPaper } from '#broker/commissioning/paper/print-paper.ts';
import type { StoredRun } from '#broker/commissioning/run-rows.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { type Certificate, CertificateFile, certificateFileName } from '#contract/commission/certificate.ts';
import {
  AnswerBody,
  BeginBody,
  type Doer,
  EndBody,
  ReasonBody,
  StartBody,
} from '#contract/commission/run.ts';
import { COMMISSION_LANGUAGES, type CommissionLanguage } from '#contract/commission/words.ts';
import { WatchpostError } from '#contract/errors.ts';
import { addressOfClientId } from '#contract/names.ts';
import type { Authentication } from './authentication.ts';
import { addressIn } from './device-address.ts';
import { PageQuery, pageOf } from './paging.ts';
import type { EvidenceReader } from './ports.ts';

export interface CommissionParts {
  readonly authentication: Authentication;
  readonly commissioning: CommissioningDesk;
  readonly evidence: EvidenceReader;
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

const RunParams = z.object({ run: z.string().max(64) });
const StepParams = RunParams.extend({ step: z.string().max(100) });
const PictureParams = RunParams.extend({ picture: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });
const ListQuery = PageQuery.extend({ device: z.string().max(65).optional() });
const PaperQuery = z.strictObject({ language: z.enum(COMMISSION_LANGUAGES).default('en') });
/** `after`: the `rev` that is known; the answer waits for a newer one for so long. */
const RunQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  waitS: z.coerce.number().min(0).max(25).default(0),
});

/** Accepting devices: whoever may give commands may do it (docs/commissioning.md). */
export function commissionRoutes(scope: FastifyInstance, parts: CommissionParts): void {
  const { authentication, commissioning } = parts;
  const doer = (request: FastifyRequest, { by }: { by: string }): Doer => ({
    name: by,
    account: authentication.person(request, 'command').name,
  });
  scope.post('/devices/:id/commissioning', async (request, reply) => {
    authentication.person(request, 'command');
    const by = doer(request, StartBody.parse(request.body));
    return reply.code(201).send(await commissioning.begin(addressIn(request.params), by));
  });
  scope.get('/commissioning', async (request) => {
    authentication.person(request, 'read');
    const { device, after, limit } = ListQuery.parse(request.query);
    const address = device === undefined ? null : addressOfClientId(device);
    if (device !== undefined && address === null) throw new WatchpostError('WP3404', { detail: device });
    const rows = commissioning.list({ device: address, before: after, limit: limit + 1 });
    return pageOf(rows, limit, ({ run }: StoredRun) => run);
  });
  scope.get('/commissioning/:run', async (request) => {
    authentication.person(request, 'read');
    const { after, waitS } = RunQuery.parse(request.query);
    return commissioning.newerThan(RunParams.parse(request.params).run, after, waitS * 1000);
  });
  scope.post('/commissioning/:run/steps/:step/begin', async (request) => {
    authentication.person(request, 'command');
    const { run, step } = StepParams.parse(request.params);
    return commissioning.beginStep(run, step, doer(request, BeginBody.parse(request.body)));
  });
  scope.post('/commissioning/:run/steps/:step/answer', async (request) => {
    authentication.person(request, 'command');
    const { run, step } = StepParams.parse(request.params);
    const body = AnswerBody.parse(request.body);
    return commissioning.answer(run, step, body, doer(request, body));
  });
  for (const how of ['skip', 'accept'] as const) {
    scope.post(`/commissioning/:run/steps/:step/${how}`, async (request) => {
      authentication.person(request, 'command');
      const { run, step } = StepParams.parse(request.params);
      const body = ReasonBody.parse(request.body);
      return commissioning.except({ id: run, stepId: step, how }, body, doer(request, body));
    });
  }
  scope.post('/commissioning/:run/stop', async (request) => {
    authentication.person(request, 'command');
    return commissioning.stop(RunParams.parse(request.params).run);
  });
  for (const how of ['finish', 'abandon'] as const) {
    scope.post(`/commissioning/:run/${how}`, async (request) => {
      authentication.person(request, 'command');
      const body = EndBody.parse(request.body);
      return commissioning[how](RunParams.parse(request.params).run, body, doer(request, body));
    });
  }
  resultRoutes(scope, parts);
}

function resultRoutes(scope: FastifyInstance, parts: CommissionParts): void {
  const { authentication, commissioning, evidence, db, audit, clock } = parts;
  scope.get('/commissioning/:run/certificate', async (request, reply) => {
    authentication.person(request, 'read');
    const { run } = RunParams.parse(request.params);
    const { text, file } = signedOf(parts, run);
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(text);
  });
  scope.get('/commissioning/:run/certificate.pdf', async (request, reply) => {
    const person = authentication.person(request, 'command');
    const { run } = RunParams.parse(request.params);
    const { language } = PaperQuery.parse(request.query);
    const order = paperOrder(parts, run, language);
    for (const subject of order.pictures.keys()) {
      await audit.record(db, { who: person.name, action: 'evidence.viewed', subject });
    }
    const pdf = await printPaper({ ...order, pictures: await bytesOf(order.pictures) }, clock);
    return reply
      .header('content-type', 'application/pdf')
      .header('content-disposition', `attachment; filename="${order.file.replace(/json$/, 'pdf')}"`)
      .send(pdf);
  });
  scope.get('/commissioning/:run/pictures/:picture', async (request, reply) => {
    const person = authentication.person(request, 'command');
    const { run, picture } = PictureParams.parse(request.params);
    const taken = commissioning.picture(run, picture);
    const found = taken === null ? null : evidence.find(picture);
    if (taken === null || found === null) throw new WatchpostError('WP3407', { detail: picture });
    await audit.record(db, { who: person.name, action: 'evidence.viewed', subject: picture });
    return reply
      .header(
        'content-type',
        /^image\/(png|jpeg|webp)$/.test(found.mediaType) ? found.mediaType : 'application/octet-stream',
      )
      .header('content-length', found.bytes)
      .header('cache-control', 'private, no-store')
      .send(found.open());
  });
}

interface Signed {
  readonly text: string;
  readonly certificate: Certificate;
  readonly file: string;
}

/** Throws WP4501, or WP4506 where none was signed. */
function signedOf({ commissioning }: CommissionParts, runId: string): Signed {
  const { certificate: text, run } = commissioning.get(runId);
  if (text === null) throw new WatchpostError('WP4506', { detail: `${runId} is ${run.state}` });
  const { certificate } = CertificateFile.parse(JSON.parse(text));
  return { text, certificate, file: certificateFileName(certificate) };
}

function paperOrder(parts: CommissionParts, runId: string, language: CommissionLanguage) {
  const { certificate, file } = signedOf(parts, runId);
  const pictures = new Map<string, Readable>();
  for (const { blobId } of certificate.steps.flatMap((step) => step.pictures)) {
    const found = parts.evidence.find(blobId);
    if (found !== null) pictures.set(blobId, found.open());
  }
  return { certificate, language, file, fingerprint: parts.commissioning.fingerprint(), pictures };
}

async function bytesOf(pictures: ReadonlyMap<string, Readable>): Promise<Map<string, Uint8Array>> {
  const read = [...pictures].map(async ([id, stream]) => [id, await buffer(stream)] as const);
  return new Map(await Promise.all(read));
}
