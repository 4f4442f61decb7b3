import type { IncidentAlarm } from '#contract/http.ts';
import { typeName } from '../words/words.ts';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';

/** Every alarm that belongs to the incident, oldest first. */
export function AlarmList({ alarms }: { readonly alarms: readonly IncidentAlarm[] }) {
  const { words } = useConsole();
  return (
    <section class="block">
      <h3>
        {words.t('detail.alarms')} <span class="number">{alarms.length}</span>
      </h3>
      <ol class="log alarms">
        {alarms.map((alarm) => (
          <li key={alarm.eventId}>
            <At at={alarm.time} />
            <span>{words.term('type', typeName(alarm.type))}</span>
            <span class="quiet">
              {words.t('detail.received')} <At at={alarm.receivedAt} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
