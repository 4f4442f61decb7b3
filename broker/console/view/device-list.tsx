import { listedDevices } from '../state/ranking.ts';
import { useConsole } from './console-context.ts';
import { DeviceCard } from './device-card.tsx';

/** Every device of the site, those in trouble first. */
export function DeviceList() {
  const { state, words } = useConsole();
  const devices = listedDevices(state);
  const online = devices.filter((device) => device.online).length;
  return (
    <section class="panel devices" aria-labelledby="devices-title">
      <h2 id="devices-title">
        {words.t('device.title')}{' '}
        <span class="number">{words.t('device.count', { online, all: devices.length })}</span>
      </h2>
      {devices.length === 0 && <p class="empty">{words.t('device.none')}</p>}
      <ul>
        {devices.map((device) => (
          <DeviceCard key={device.id} device={device} />
        ))}
      </ul>
    </section>
  );
}
