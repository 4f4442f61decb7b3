import { useEffect, useState } from 'preact/hooks';
import type { Clock } from '#contract/clock.ts';
import type { FloorDetail, MapList } from '#contract/site-map/http.ts';
import type { Trouble } from '../state/model.ts';
import type { SiteMapReader } from './site-map-reader.ts';

/** How often the page asks whether the map has changed. Devices come by the stream, at once. */
export const ASK_EVERY_MS = 5_000;

export interface ShownMap {
  /** Null until the site has answered. */
  readonly list: MapList | null;
  /** Null while it is on its way. */
  readonly floor: FloorDetail | null;
  readonly trouble: Trouble | null;
}

/** The floors of the site and the one that is shown; both follow the site while they are on show. */
export function useSiteMap(reader: SiteMapReader, clock: Clock, floorId: string | null): ShownMap {
  const [list, setList] = useState<MapList | null>(null);
  const [floor, setFloor] = useState<FloorDetail | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let isShown = true;
    const ask = async () => {
      const answer = await reader.maps();
      if (!isShown) return;
      if (answer.ok) setList(answer.value);
      setTrouble(answer.ok ? null : answer.trouble);
    };
    void ask();
    const cancel = clock.every(ASK_EVERY_MS, () => void ask());
    return () => {
      isShown = false;
      cancel();
    };
  }, [reader, clock]);
  const digest = list?.digest ?? null;
  const id = floorId ?? list?.items[0]?.id ?? null;
  useEffect(() => {
    if (id === null || digest === null) return setFloor(null);
    let isWanted = true;
    void reader.floor(id).then((answer) => {
      if (!isWanted) return;
      if (answer.ok) setFloor(answer.value);
      else setTrouble(answer.trouble);
    });
    return () => {
      isWanted = false;
    };
  }, [reader, id, digest]);
  return { list, floor: floor?.id === id ? floor : null, trouble };
}
