import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ADMIN_TOKEN_FILE } from '#broker/auth/admin-token.ts';
import { readServing } from '#broker/persistence/serving.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import { API_ROOT, Problem } from '#contract/http.ts';

const ANSWER_WITHIN_MS = 15_000;

/**
 * Asks the running broker of a data folder as its admin, over loopback. Whoever may read `admin.token` may do what it
 * is for. Throws WP3607 when it does not answer, and the broker's own error when it refuses.
 */
export async function askBroker(
  dataDir: string,
  {
    method,
    path,
    body,
    bytes,
  }: {
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    path: string;
    /** Sent as JSON. */
    body?: object;
    /** Sent as they are, instead. */
    bytes?: Uint8Array<ArrayBuffer>;
  },
): Promise<unknown> {
  const serving = readServing(dataDir);
  if (serving === null) {
    const isSite = existsSync(join(dataDir, SITE_DATABASE));
    throw new WatchpostError(isSite ? 'WP3607' : 'WP5006', {
      detail: isSite ? dataDir : join(dataDir, SITE_DATABASE),
    });
  }
  const answer = await send(`${loopback(serving.http)}${API_ROOT}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readToken(dataDir)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bytes === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(bytes === undefined ? {} : { body: bytes }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const said: unknown = answer.status === 204 ? null : await answer.json();
  if (answer.ok) return said;
  const { data: problem } = Problem.safeParse(said);
  if (problem === undefined || !isErrorCode(problem.code)) {
    throw new WatchpostError('WP3607', { detail: `HTTP ${answer.status}` });
  }
  throw new WatchpostError(problem.code, problem.detail === undefined ? {} : { detail: problem.detail });
}

async function send(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    throw new WatchpostError('WP3607', { detail: url, cause });
  }
}

function readToken(dataDir: string): string {
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  try {
    return z.string().min(1).parse(readFileSync(file, 'utf8').trim());
  } catch (cause) {
    throw new WatchpostError('WP5006', { detail: file, cause });
  }
}

/** A broker that listens everywhere is asked on loopback. */
function loopback(http: string): string {
  const url = new URL(http);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url.origin;
}
