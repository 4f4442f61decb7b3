import type { FloorDetail, MapList, RouteItem } from '#contract/site-map/http.ts';
import type { Answer } from '../api/answer.ts';

/** What the map asks the site. */
export interface SiteMapReader {
  maps(): Promise<Answer<MapList>>;
  floor(id: string): Promise<Answer<FloorDetail>>;
  /** The quickest way between two places. */
  route(from: string, to: string): Promise<Answer<RouteItem>>;
}
