import type { HttpServer } from '#broker/api/http-server.ts';
import type { Site } from '#broker/server/site.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { LifeSign } from '#contract/watchdog.ts';

export interface AliveParts {
  readonly db: Pick<Site['store'], 'probe'>;
  readonly site: Pick<Site, 'isListening'>;
  readonly http: Pick<HttpServer, 'isListening'>;
}

/**
 * By what a site is seen to be alive: work is taken by the database and comes to its COMMIT, and devices and people can
 * connect. That the event loop turns is seen by being asked at all.
 */
export function signsOfLife({ db, site, http }: AliveParts): LifeSign[] {
  return [
    { name: 'store', look: () => db.probe() },
    { name: 'mqtt', look: () => requireListening(site.isListening, 'MQTT') },
    { name: 'http', look: () => requireListening(http.isListening, 'HTTP') },
  ];
}

function requireListening(isListening: boolean, what: string): void {
  if (!isListening) throw new WatchpostError('WP2617', { detail: `nobody listens for ${what}` });
}
