import { useState } from 'preact/hooks';
import type { FloorItem, MapList, RouteItem } from '#contract/site-map/http.ts';
import { listedDevices } from '../state/ranking.ts';
import { useConsole } from '../view/console-context.ts';
import { DeviceSide } from './device-side.tsx';
import { MapStage } from './map-stage.tsx';
import { type Placed, placed } from './markers.ts';
import { RouteFinder } from './route-finder.tsx';
import { useSiteMap } from './use-site-map.ts';

const ZONE_KINDS = ['no-go', 'slow', 'quiet', 'speak'] as const;
const NOTHING: Placed = { here: [], elsewhere: [] };

/** The floors of the site: plan, routes, zones, and where the devices are now. */
export function MapView() {
  const { state, words, clock, commands } = useConsole();
  const [floorId, setFloorId] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [layers, setLayers] = useState({ zones: true, routes: true });
  const [route, setRoute] = useState<RouteItem | null>(null);
  const { list, floor, trouble } = useSiteMap(commands.siteMap, clock, floorId);
  const devices = floor === null ? NOTHING : placed(listedDevices(state), floor);
  const toggle = (layer: 'zones' | 'routes') => setLayers({ ...layers, [layer]: !layers[layer] });
  return (
    <main class="map">
      <section class="panel map-main" aria-labelledby="map-title">
        <h2 id="map-title">{list?.name ?? words.t('map.title')}</h2>
        <Notice list={list} isUnreachable={trouble !== null} />
        <div class="map-bar">
          <Floors floors={list?.items ?? []} shown={floor?.id ?? null} onFloor={setFloorId} />
          {(['zones', 'routes'] as const).map((layer) => (
            <button key={layer} type="button" aria-pressed={layers[layer]} onClick={() => toggle(layer)}>
              {words.t(`map.${layer}`)}
            </button>
          ))}
        </div>
        {floor !== null && (
          <MapStage
            floor={floor}
            markers={devices.here}
            layers={layers}
            way={new Set(route?.edges)}
            chosen={chosen}
            onChoose={setChosen}
          />
        )}
        {floor !== null && layers.zones && <Legend />}
      </section>
      <aside class="panel map-side">
        <DeviceSide
          placed={floor === null ? { here: [], elsewhere: [] } : devices}
          floors={list?.items ?? []}
          chosen={chosen}
          onChoose={setChosen}
          onFloor={setFloorId}
        />
        {floor !== null && <RouteFinder floor={floor} markers={devices.here} onFound={setRoute} />}
      </aside>
    </main>
  );
}

/** No map, a broken one, or one that cannot be asked for. */
function Notice({ list, isUnreachable }: { readonly list: MapList | null; readonly isUnreachable: boolean }) {
  const { words } = useConsole();
  if (isUnreachable) return <p class="trouble">{words.t('map.unreachable')}</p>;
  if (list === null) return <p class="empty">{words.t('list.loading')}</p>;
  if (list.problem !== null) {
    return (
      <p class="trouble">
        {words.t('map.broken')} <span class="quiet">{list.problem.detail}</span>
      </p>
    );
  }
  return list.items.length === 0 ? <p class="empty">{words.t('map.none')}</p> : null;
}

interface FloorsProps {
  readonly floors: readonly FloorItem[];
  readonly shown: string | null;
  readonly onFloor: (floor: string) => void;
}

function Floors({ floors, shown, onFloor }: FloorsProps) {
  const { words } = useConsole();
  if (floors.length < 2) return null;
  return (
    <fieldset class="languages" aria-label={words.t('map.floor')}>
      {floors.map(({ id, name }) => (
        <button key={id} type="button" aria-pressed={id === shown} onClick={() => onFloor(id)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}

function Legend() {
  const { words } = useConsole();
  return (
    <ul class="map-legend" aria-label={words.t('map.zones')}>
      {ZONE_KINDS.map((kind) => (
        <li key={kind}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect class={`zone ${kind}`} x="1" y="1" width="14" height="14" />
          </svg>{' '}
          {words.t(`map.zone.${kind}`)}
        </li>
      ))}
    </ul>
  );
}
