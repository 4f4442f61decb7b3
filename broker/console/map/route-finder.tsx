import { useEffect, useState } from 'preact/hooks';
import type { FloorDetail, RouteItem } from '#contract/site-map/http.ts';
import { useConsole } from '../view/console-context.ts';
import { type Marker, placeOf } from './markers.ts';

interface FinderProps {
  readonly floor: FloorDetail;
  readonly markers: readonly Marker[];
  readonly onFound: (route: RouteItem | null) => void;
}

/** How far it is from one place to another, and which way. */
export function RouteFinder({ floor, markers, onFound }: FinderProps) {
  const { words, commands } = useConsole();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [said, setSaid] = useState('');
  const places = placesOf(floor, markers);
  const start = places.find(({ key }) => key === from)?.place ?? null;
  const end = places.find(({ key }) => key === to)?.place ?? null;
  useEffect(() => {
    let isWanted = true;
    onFound(null);
    setSaid('');
    if (start === null || end === null) return;
    void commands.siteMap.route(start, end).then((answer) => {
      if (!isWanted) return;
      onFound(answer.ok ? answer.value : null);
      if (!answer.ok) return setSaid(words.t('map.noWay'));
      const { metres, seconds } = answer.value;
      setSaid(words.t('map.way', { metres: Math.round(metres), seconds: Math.round(seconds) }));
    });
    return () => {
      isWanted = false;
    };
  }, [start, end, floor.digest]);
  const choice = (label: string, value: string, choose: (key: string) => void) => (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">–</option>
        {places.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <section aria-labelledby="map-way">
      <h3 id="map-way">{words.t('map.wayTitle')}</h3>
      {choice(words.t('map.from'), from, setFrom)}
      {choice(words.t('map.to'), to, setTo)}
      <p role="status">{said}</p>
    </section>
  );
}

function placesOf(floor: FloorDetail, markers: readonly Marker[]) {
  const devices = markers.map((marker) => ({
    key: `device ${marker.device.id}`,
    name: marker.device.device,
    place: placeOf(marker, floor.id),
  }));
  const stations = floor.nodes
    .filter(({ station }) => station !== null)
    .map(({ id, name }) => ({ key: `node ${id}`, name: name ?? id, place: id }));
  return [...devices, ...stations];
}
