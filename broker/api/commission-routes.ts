import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { CommissioningDesk } from '#broker/commissioning/desk.ts';
import type { StoredRun } from '#broker/commissioning/run-rows.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import {
  AnswerBody,
  BeginBody,
  type Doer,
  EndBody,
  ReasonBody,
  StartBody,
} from '#contract/commission/run.ts';
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
}

const RunParams = z.object({ run: z.string().max(64) });
const StepParams = RunParams.extend({ step: z.string().max(100) });
const PictureParams = RunParams.extend({ picture: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });
const ListQuery = PageQuery.extend({ device: z.string().max(65).optional() });
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
  const { authentication, commissioning, evidence, db, audit } = parts;
  scope.get('/commissioning/:run/certificate', async (request, reply) => {
    authentication.person(request, 'read');
    const { run } = RunParams.parse(request.params);
    const { certificate, run: stored } = commissioning.get(run);
    if (certificate === null) throw new WatchpostError('WP4506', { detail: `${run} is ${stored.state}` });
    const name = `${stored.device}-${run}.json`;
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(certificate);
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
