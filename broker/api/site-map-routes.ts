import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { floorDetail, mapList } from '#broker/site-map/floor-detail.ts';
import type { MapKeeper } from '#broker/site-map/map-keeper.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { RouteItem } from '#contract/site-map/http.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import type { Authentication } from './authentication.ts';

export interface SiteMapRouteParts {
  readonly authentication: Authentication;
  readonly siteMap: Pick<MapKeeper, 'map' | 'digest' | 'trouble' | 'planner' | 'picture' | 'graph'>;
}

const FloorParams = z.object({ id: z.string().max(64) });
const RouteParams = z.strictObject({
  from: z.string().min(1).max(200),
  to: z.string().min(1).max(200),
  vehicle: z.string().min(1).max(200).optional(),
  speedMps: z.coerce.number().positive().max(20).optional(),
  /** Ids of edges and nodes, with commas between them. */
  blocked: z.string().max(10_000).default(''),
});

/** The map of the site: its floors, its graph as LIF, and routes on it. */
export function siteMapRoutes(scope: FastifyInstance, { authentication, siteMap }: SiteMapRouteParts): void {
  scope.get('/maps', async (request) => {
    authentication.person(request, 'read');
    return mapList(siteMap);
  });
  scope.get('/maps/graph', async (request, reply) => {
    authentication.person(request, 'read');
    if (siteMap.graph === null) throw new WatchpostError('WP3801');
    return reply.header('content-type', 'application/json; charset=utf-8').send(Buffer.from(siteMap.graph));
  });
  scope.get('/maps/route', async (request): Promise<RouteItem> => {
    authentication.person(request, 'read');
    const { from, to, vehicle, speedMps, blocked } = RouteParams.parse(request.query);
    const planner = siteMap.planner({ vehicleType: vehicle, speedMps });
    if (planner === null) throw new WatchpostError('WP3801');
    const route = planner.plan({ from, to, blocked: new Set(blocked.split(',').filter(Boolean)) });
    return { ...route, nodes: [...route.nodes], edges: [...route.edges] };
  });
  scope.get('/maps/:id', async (request) => {
    authentication.person(request, 'read');
    const { id } = FloorParams.parse(request.params);
    const map = requireMap(siteMap);
    const floor = map.floors.get(id);
    if (floor === undefined) throw new WatchpostError('WP3802', { detail: id });
    return floorDetail(map, floor, siteMap.digest ?? '');
  });
  scope.get('/maps/:id/plan.png', async (request, reply) => {
    authentication.person(request, 'read');
    const { id } = FloorParams.parse(request.params);
    requireMap(siteMap);
    const picture = siteMap.picture(id);
    if (picture === null) throw new WatchpostError('WP3802', { detail: id });
    return reply
      .header('content-type', 'image/png')
      .header('cache-control', 'private, max-age=3600')
      .send(Buffer.from(picture));
  });
}

function requireMap({ map }: SiteMapRouteParts['siteMap']): SiteMap {
  if (map === null) throw new WatchpostError('WP3801');
  return map;
}
