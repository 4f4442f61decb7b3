import type { IncidentItem } from '#contract/http.ts';
import { degrees } from '../words/format.ts';
import { useConsole } from './console-context.ts';

/** Where it is, and who has been sent: what is said over the radio. */
export function PlaceFacts({ item }: { readonly item: IncidentItem }) {
  const { state, words } = useConsole();
  const device = state.devices.get(`${item.site}.${item.device}`);
  const { latitude, longitude, floor, pose } = item.place ?? {};
  return (
    <dl class="facts">
      {floor !== undefined && <Fact name={words.t('place.floor')} value={floor} />}
      {latitude !== undefined && longitude !== undefined && (
        <Fact name={words.t('place.coordinates')} value={`${degrees(latitude)}, ${degrees(longitude)}`} />
      )}
      {pose !== undefined && (
        <Fact
          name={words.t('place.pose')}
          value={`${pose.map}: ${pose.x.toFixed(1)} m, ${pose.y.toFixed(1)} m`}
        />
      )}
      <Fact
        name={words.t('place.device')}
        value={`${item.site}.${item.device}${device === undefined ? '' : ` · ${words.t(device.online ? 'device.online' : 'device.offline')}`}`}
      />
      <Fact name={words.t('incident.assignee')} value={item.assignee ?? words.t('incident.nobody')} />
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
