import type * as z from 'zod';
import { Problem } from '#contract/http.ts';
import type { Trouble } from '../state/model.ts';

/** What came of a request; nothing here throws, for every outcome has to be shown. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly dateMs: number | null }
  | { readonly ok: false; readonly trouble: Trouble };

export const failed = (kind: Trouble['kind'], detail: string | null = null): Answer<never> => ({
  ok: false,
  trouble: { kind, code: null, detail },
});

/** Reads a response that should carry `schema`. */
export async function readAnswer<S extends z.ZodType>(
  response: Response,
  schema: S,
): Promise<Answer<z.infer<S>>> {
  const body = await readJson(response);
  if (!response.ok) return { ok: false, trouble: troubleOf(response, body) };
  const parsed = schema.safeParse(body);
  if (!parsed.success) return failed('unreadable', parsed.error.issues[0]?.path.join('.') ?? null);
  return { ok: true, value: parsed.data, dateMs: dateOf(response) };
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined; // fits no schema, and is told as unreadable
  }
}

function troubleOf({ status, headers }: Response, body: unknown): Trouble {
  const problem = Problem.safeParse(body);
  const code = problem.success ? problem.data.code : null;
  const detail = problem.success ? (problem.data.detail ?? problem.data.title) : `HTTP ${status}`;
  const waitS = status === 429 ? headers.get('retry-after') : null;
  return { kind: kindOf(status), code, detail: waitS === null ? detail : `${waitS} s` };
}

function kindOf(status: number): Trouble['kind'] {
  if (status === 401) return 'unauthorised';
  if (status === 429) return 'limited';
  if (status === 409) return 'conflict';
  // What stands before the site (a proxy) answers 502 to 504 when the site does not.
  return status >= 502 && status <= 504 ? 'unreachable' : 'refused';
}

function dateOf(response: Response): number | null {
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(dateMs) ? null : dateMs;
}
