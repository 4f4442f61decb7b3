import * as z from 'zod';
import type { Clock } from '#contract/clock.ts';
import { FleetItem, RolloutItem } from '#contract/fleet.ts';
import {
  API_ROOT,
  type CommandBody,
  CommandItem,
  DeviceItem,
  type IncidentAction,
  type IncidentActionBody,
  IncidentDetail,
  IncidentItem,
} from '#contract/http.ts';
import type { IncidentState } from '#contract/messages.ts';
import { FloorDetail, MapList, RouteItem } from '#contract/site-map/http.ts';
import { type Answer, failed, readAnswer } from './answer.ts';

const REQUEST_TIMEOUT_MS = 8000;
const PAGE_LIMIT = 500;
/** Pages of one list that are followed: 5000 open incidents are more than a page can show. */
const MAX_PAGES = 10;

/** What somebody shows to be let in. */
export type Credentials = { readonly token: string } | { readonly name: string; readonly password: string };

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Extent = 'all' | 'newest';

interface ClientParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** The site's HTTP API as this page uses it. The browser adds the session's cookie. */
export class ApiClient {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  openSession(credentials: Credentials): Promise<Answer<unknown>> {
    return this.#request('POST', 'session', z.unknown(), credentials);
  }

  closeSession(): Promise<Answer<unknown>> {
    return this.#request('DELETE', 'session', z.unknown());
  }

  devices(): Promise<Answer<DeviceItem[]>> {
    return this.#list('devices?', DeviceItem, 'all');
  }

  /** Every incident in one of these states; `newest` alone, or `all` however many pages they fill. */
  incidents(states: readonly IncidentState[], extent: Extent): Promise<Answer<IncidentItem[]>> {
    return this.#list(`incidents?state=${states.join(',')}&`, IncidentItem, extent);
  }

  incident(id: string): Promise<Answer<IncidentDetail>> {
    return this.#request('GET', `incidents/${encodeURIComponent(id)}`, IncidentDetail);
  }

  act(id: string, action: IncidentAction, body: IncidentActionBody): Promise<Answer<IncidentItem>> {
    return this.#request('POST', `incidents/${encodeURIComponent(id)}/${action}`, IncidentItem, body);
  }

  /** Answers with the device's reply in it, or with none after some seconds. */
  order(device: string, order: Pick<CommandBody, 'name' | 'args'>): Promise<Answer<CommandItem>> {
    return this.#request('POST', `devices/${encodeURIComponent(device)}/commands`, CommandItem, order);
  }

  fleet(): Promise<Answer<FleetItem[]>> {
    return this.#whole('fleet', FleetItem);
  }

  rollouts(): Promise<Answer<RolloutItem[]>> {
    return this.#whole('rollouts', RolloutItem);
  }

  moveRollout(id: number, step: 'pause' | 'resume' | 'abort'): Promise<Answer<RolloutItem>> {
    return this.#request('POST', `rollouts/${id}/${step}`, RolloutItem);
  }

  /** A list that has no pages. */
  async #whole<S extends z.ZodType>(path: string, item: S): Promise<Answer<z.infer<S>[]>> {
    const answer = await this.#request('GET', path, z.object({ items: z.array(item) }));
    return answer.ok ? { ...answer, value: answer.value.items } : answer;
  }

  maps(): Promise<Answer<MapList>> {
    return this.#request('GET', 'maps', MapList);
  }

  floor(id: string): Promise<Answer<FloorDetail>> {
    return this.#request('GET', `maps/${encodeURIComponent(id)}`, FloorDetail);
  }

  route(from: string, to: string): Promise<Answer<RouteItem>> {
    return this.#request('GET', `maps/route?${new URLSearchParams({ from, to })}`, RouteItem);
  }

  async #list<S extends z.ZodType>(path: string, item: S, extent: Extent): Promise<Answer<z.infer<S>[]>> {
    const page = z.object({ items: z.array(item), next: z.string().nullable() });
    const items: z.infer<S>[] = [];
    const maxPages = { all: MAX_PAGES, newest: 1 }[extent];
    let after = '';
    for (let pages = 1; ; pages++) {
      const answer = await this.#request('GET', `${path}limit=${PAGE_LIMIT}${after}`, page);
      if (!answer.ok) return answer;
      items.push(...answer.value.items);
      const { next } = answer.value;
      if (next === null || pages === maxPages) return { ok: true, value: items, dateMs: answer.dateMs };
      after = `&after=${encodeURIComponent(next)}`;
    }
  }

  async #request<S extends z.ZodType>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    schema: S,
    body?: object,
  ): Promise<Answer<z.infer<S>>> {
    const abort = new AbortController();
    const cancel = this.#parts.clock.after(REQUEST_TIMEOUT_MS, () => abort.abort());
    try {
      const response = await this.#parts.fetch(`${API_ROOT}/${path}`, {
        method,
        signal: abort.signal,
        headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return await readAnswer(response, schema);
    } catch (error) {
      return failed('unreachable', error instanceof Error ? error.message : null);
    } finally {
      cancel();
    }
  }
}

export const evidenceUrl = (blobId: string): string => `${API_ROOT}/evidence/${encodeURIComponent(blobId)}`;
