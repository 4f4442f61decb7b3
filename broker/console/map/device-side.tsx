import type { DeviceItem } from '#contract/http.ts';
import type { FloorItem } from '#contract/site-map/http.ts';
import { useConsole } from '../view/console-context.ts';
import type { Placed } from './markers.ts';

interface SideProps {
  readonly placed: Placed;
  readonly floors: readonly FloorItem[];
  readonly chosen: string | null;
  readonly onChoose: (device: string) => void;
  readonly onFloor: (floor: string) => void;
}

/** The devices of the map as a list: whoever cannot see or point has all of it here. */
export function DeviceSide({ placed: { here, elsewhere }, floors, chosen, onChoose, onFloor }: SideProps) {
  const { words } = useConsole();
  return (
    <section aria-labelledby="map-devices">
      <h3 id="map-devices">{words.t('map.here')}</h3>
      {here.length === 0 && <p class="quiet">{words.t('map.noneHere')}</p>}
      <ul class="map-list">
        {here.map(({ device, standing }) => (
          <li key={device.id} class={standing}>
            <button type="button" aria-pressed={device.id === chosen} onClick={() => onChoose(device.id)}>
              <strong>{device.device}</strong> <Standing device={device} />
              <span class="quiet">{device.place?.label ?? ''}</span>
            </button>
            <ToIncident device={device} />
          </li>
        ))}
      </ul>
      {elsewhere.length > 0 && <h3>{words.t('map.elsewhere')}</h3>}
      <ul class="map-list">
        {elsewhere.map(({ device, floor }) => {
          const known = floors.find(({ id }) => id === floor);
          return (
            <li key={device.id}>
              <span>
                <strong>{device.device}</strong> <Standing device={device} />
              </span>
              {known === undefined ? (
                <span class="quiet">{device.place?.label ?? words.t('map.nowhere')}</span>
              ) : (
                <button type="button" class="link" onClick={() => onFloor(known.id)}>
                  {known.name}
                </button>
              )}
              <ToIncident device={device} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Standing({ device }: { readonly device: DeviceItem }) {
  const { words } = useConsole();
  const standing = device.online ? 'online' : 'offline';
  return <span class={`presence ${standing}`}>{words.t(`device.${standing}`)}</span>;
}

/** From where it is to what is the matter. */
function ToIncident({ device: { openIncidentId: id } }: { readonly device: DeviceItem }) {
  const { words, dispatch } = useConsole();
  if (id === null) return null;
  return (
    <button type="button" class="warning" onClick={() => dispatch({ type: 'selected', id })}>
      {words.t('map.incident')}
    </button>
  );
}
