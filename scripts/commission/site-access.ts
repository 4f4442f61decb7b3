import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ADMIN_TOKEN_FILE } from '#broker/auth/admin-token.ts';
import { readServing } from '#broker/persistence/serving.ts';
import { type AnswerBody, Run } from '#contract/commission/run.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import { API_ROOT, DeviceItem, Problem } from '#contract/http.ts';

/** Longer than the site keeps a question open (25 s). */
const ANSWER_WITHIN_MS = 40_000;
const WAIT_S = 20;

export interface SiteAddress {
  readonly url: string;
  readonly token: string;
}

/** `dir` is a site's folder or its broker's. Throws WP3607 where none runs, WP5006 where its token is not readable. */
export function siteOfFolder(dir: string): SiteAddress {
  const data = existsSync(join(dir, 'broker')) ? join(dir, 'broker') : dir;
  const serving = readServing(data);
  if (serving === null) throw new WatchpostError('WP3607', { detail: data });
  const url = new URL(serving.http);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  const file = join(data, ADMIN_TOKEN_FILE);
  try {
    return { url: url.origin, token: readFileSync(file, 'utf8').trim() };
  } catch (cause) {
    throw new WatchpostError('WP5006', { detail: file, cause });
  }
}

/** The site's HTTP API, as far as commissioning needs it. Every method rejects with the site's own error, or WP3607. */
export class SiteAccess {
  readonly #site: SiteAddress;

  constructor(site: SiteAddress) {
    this.#site = site;
  }

  /** By its name, or by `{site}.{device}`. Rejects with WP3404 where there is none, or are two. */
  async device(name: string): Promise<DeviceItem> {
    const { items } = z.object({ items: z.array(DeviceItem) }).parse(await this.#json('GET', 'devices'));
    const found = items.filter(({ id, device }) => id === name || device === name);
    const [device] = found;
    if (device !== undefined && found.length === 1) return device;
    const others = items.map(({ id }) => id).slice(0, 10);
    throw new WatchpostError('WP3404', {
      detail: name,
      hint:
        others.length === 0
          ? 'No device has called this site yet: start it, and look at its log.'
          : `This site knows ${others.join(', ')}.`,
    });
  }

  async runs(device: string | null): Promise<Run[]> {
    const query = device === null ? '' : `&device=${encodeURIComponent(device)}`;
    const answer = await this.#json('GET', `commissioning?limit=1000${query}`);
    return z.object({ items: z.array(Run) }).parse(answer).items;
  }

  async begin(device: string, by: string): Promise<Run> {
    return this.#run('POST', `devices/${encodeURIComponent(device)}/commissioning`, { by });
  }

  /** As soon as it is newer than `rev`, or after some seconds as it is. */
  newer({ id, rev }: Run): Promise<Run> {
    return this.#run('GET', `commissioning/${id}?after=${rev}&waitS=${WAIT_S}`);
  }

  run(id: string): Promise<Run> {
    return this.#run('GET', `commissioning/${encodeURIComponent(id)}`);
  }

  beginStep(id: string, step: string, by: string): Promise<Run> {
    return this.#run('POST', this.#step(id, step, 'begin'), { by });
  }

  answer(id: string, step: string, body: AnswerBody): Promise<Run> {
    return this.#run('POST', this.#step(id, step, 'answer'), body);
  }

  except(
    id: string,
    step: string,
    how: 'skip' | 'accept',
    body: { by: string; reason: string },
  ): Promise<Run> {
    return this.#run('POST', this.#step(id, step, how), body);
  }

  stop(id: string): Promise<Run> {
    return this.#run('POST', `commissioning/${id}/stop`, {});
  }

  end(id: string, how: 'finish' | 'abandon', body: { by: string; remark?: string }): Promise<Run> {
    return this.#run('POST', `commissioning/${id}/${how}`, body);
  }

  /** The certificate's file, byte for byte. */
  async certificate(id: string): Promise<string> {
    return (await this.#send('GET', `commissioning/${id}/certificate`)).text();
  }

  /** The same for people. */
  async paper(id: string, language: string): Promise<Buffer> {
    const answer = await this.#send('GET', `commissioning/${id}/certificate.pdf?language=${language}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  async picture(id: string, blobId: string): Promise<Buffer> {
    const answer = await this.#send('GET', `commissioning/${id}/pictures/${blobId}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  #step(id: string, step: string, action: string): string {
    return `commissioning/${id}/steps/${encodeURIComponent(step)}/${action}`;
  }

  async #run(method: 'GET' | 'POST', path: string, body?: object): Promise<Run> {
    return Run.parse(await this.#json(method, path, body));
  }

  async #json(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    return (await this.#send(method, path, body)).json();
  }

  async #send(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
    const { url, token } = this.#site;
    const answer = await fetch(`${url}${API_ROOT}/${path}`, {
      ...{ method, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) },
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new WatchpostError('WP3607', { detail: url, cause });
    });
    if (answer.ok) return answer;
    const { data: problem } = Problem.safeParse(await answer.json().catch(() => null));
    if (problem === undefined || !isErrorCode(problem.code)) {
      throw new WatchpostError('WP3607', { detail: `${path}: HTTP ${answer.status}` });
    }
    throw new WatchpostError(problem.code, problem.detail === undefined ? {} : { detail: problem.detail });
  }
}
