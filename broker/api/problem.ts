import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { ERRORS, type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Problem } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';

/** The HTTP status of each code that a request can end in; others are 503 when a retry may help, else 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  WP3201: 409,
  WP3202: 404,
  WP3350: 401,
  WP3351: 401,
  WP3352: 429,
  WP3353: 403,
  WP3354: 403,
  WP3355: 401,
  WP3356: 409,
  WP3357: 409,
  WP3358: 404,
  WP3359: 400,
  WP3360: 409,
  WP3361: 404,
  WP3362: 409,
  WP3364: 400,
  WP3400: 400,
  WP3401: 404,
  WP3402: 413,
  WP3403: 500,
  WP3404: 404,
  WP3405: 409,
  WP3406: 400,
  WP3407: 404,
  WP3408: 403,
  WP3409: 404,
  WP3410: 409,
  WP3411: 503,
  WP3412: 400,
  WP3414: 426,
  WP3415: 404,
  WP4501: 404,
  WP4502: 409,
  WP4503: 409,
  WP4504: 409,
  WP4505: 404,
  WP4506: 409,
  WP4509: 409,
  WP4514: 409,
  WP3701: 500,
  WP3702: 404,
  WP3703: 507,
  WP3704: 400,
  WP3705: 429,
  WP3707: 409,
  WP3708: 400,
  WP3711: 404,
  WP3712: 409,
  WP3713: 409,
  WP4101: 400,
  WP4102: 400,
  WP4103: 400,
  WP4104: 400,
  WP4105: 400,
  WP4107: 400,
  WP4109: 400,
  WP4110: 400,
  WP4111: 400,
  WP4112: 400,
  WP3801: 404,
  WP3802: 404,
  WP4820: 404,
  WP4821: 409,
  WP4822: 404,
  WP7100: 400,
  WP7101: 409,
  WP7103: 504,
};

/** Any error as RFC 9457 problem details. What is ours to know stays in the log, under the code. */
export function sendProblem(reply: FastifyReply, thrown: unknown, log: Log): FastifyReply {
  const error = explain(thrown);
  const status = STATUS[error.code] ?? (error.retryable ? 503 : 500);
  if (status >= 500) log.error({ code: error.code, cause: String(error.cause ?? error) }, 'http.failed');
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(error, status)));
}

function problemOf(error: WatchpostError, status: number): Problem {
  const visible = status < 500 ? error.detail : undefined;
  return {
    type: `urn:watchpost:${error.code}`,
    title: ERRORS[error.code].message,
    status,
    code: error.code,
    hint: error.hint,
    ...(visible === undefined ? {} : { detail: visible }),
  };
}

function explain(thrown: unknown): WatchpostError {
  if (thrown instanceof WatchpostError) return thrown;
  if (thrown instanceof z.ZodError) return new WatchpostError('WP3400', { detail: issuesOf(thrown) });
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) {
    return new WatchpostError('WP3403', { cause: thrown });
  }
  if (thrown.statusCode === 413) return new WatchpostError('WP3402', { cause: thrown });
  if (thrown.statusCode === 404) return new WatchpostError('WP3401', { cause: thrown });
  if (typeof thrown.statusCode === 'number' && thrown.statusCode < 500) {
    return new WatchpostError('WP3400', { detail: thrown.message, cause: thrown });
  }
  return new WatchpostError('WP3403', { cause: thrown });
}

/** `args.forS: Too big; …`: each place and what is wrong there. */
export const issuesOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.map(String).join('.') || '(body)'}: ${message}`)
    .join('; ');
