import * as z from 'zod';
import { type AnswerBody, Run } from '#contract/commission/run.ts';
import { API_ROOT } from '#contract/http.ts';
import { type Answer, failed, readAnswer } from '../api/answer.ts';
import type { Fetch } from '../api/client.ts';

/** The site answers when something has changed, or after so long. */
const WAIT_S = 20;

const pathOf = (run: string, rest = ''): string => `commissioning/${encodeURIComponent(run)}${rest}`;

/** The runs of devices, as this page uses them. The browser adds the session's cookie. */
export class CommissionClient {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** The newest run of a device, or null. */
  async newest(device: string): Promise<Answer<Run | null>> {
    const page = z.object({ items: z.array(Run) });
    const answer = await this.#ask('GET', `commissioning?device=${encodeURIComponent(device)}&limit=1`, page);
    return answer.ok ? { ...answer, value: answer.value.items[0] ?? null } : answer;
  }

  start(device: string, by: string): Promise<Answer<Run>> {
    return this.#ask('POST', `devices/${encodeURIComponent(device)}/commissioning`, Run, { body: { by } });
  }

  /** As soon as it is newer than the one that is known. */
  newer({ id, rev }: Run, signal: AbortSignal): Promise<Answer<Run>> {
    return this.#ask('GET', pathOf(id, `?after=${rev}&waitS=${WAIT_S}`), Run, { signal });
  }

  begin({ id }: Run, step: string, by: string): Promise<Answer<Run>> {
    return this.#ask('POST', pathOf(id, `/steps/${encodeURIComponent(step)}/begin`), Run, { body: { by } });
  }

  answer({ id }: Run, step: string, body: AnswerBody): Promise<Answer<Run>> {
    return this.#ask('POST', pathOf(id, `/steps/${encodeURIComponent(step)}/answer`), Run, { body });
  }

  except(
    { id }: Run,
    step: string,
    { how, ...body }: { how: 'skip' | 'accept'; by: string; reason: string },
  ): Promise<Answer<Run>> {
    return this.#ask('POST', pathOf(id, `/steps/${encodeURIComponent(step)}/${how}`), Run, { body });
  }

  stop({ id }: Run): Promise<Answer<Run>> {
    return this.#ask('POST', pathOf(id, '/stop'), Run, { body: {} });
  }

  end({ id }: Run, how: 'finish' | 'abandon', body: { by: string; remark?: string }): Promise<Answer<Run>> {
    return this.#ask('POST', pathOf(id, `/${how}`), Run, { body });
  }

  async #ask<S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: S,
    { body, signal }: { body?: object; signal?: AbortSignal } = {},
  ): Promise<Answer<z.infer<S>>> {
    try {
      const response = await this.#fetch(`${API_ROOT}/${path}`, {
        method,
        headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
      return await readAnswer(response, schema);
    } catch (error) {
      return failed('unreachable', error instanceof Error ? error.message : null);
    }
  }
}

export const pictureUrl = (run: string, blobId: string): string =>
  `${API_ROOT}/${pathOf(run, `/pictures/${encodeURIComponent(blobId)}`)}`;
export const certificateUrl = (run: string): string => `${API_ROOT}/${pathOf(run, '/certificate')}`;
export const paperUrl = (run: string, language: string): string =>
  `${API_ROOT}/${pathOf(run, `/certificate.pdf?language=${language}`)}`;
