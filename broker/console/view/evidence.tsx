import type { IncidentAlarm, Sighting } from '#contract/http.ts';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';
import { Filmstrip } from './filmstrip.tsx';
import { Picture } from './picture.tsx';
import { SightingFacts } from './sighting-facts.tsx';

/**
 * The newest pictures of the incident, and what the camera measured. Each look at one is written to the audit table
 * by the site.
 */
export function Evidence({ alarms }: { readonly alarms: readonly IncidentAlarm[] }) {
  const { words } = useConsole();
  const alarm = alarms.findLast(({ picture, sighting }) => picture !== null || hasPictures(sighting));
  if (alarm === undefined) return null;
  const { picture, sighting } = alarm;
  return (
    <section class="block evidence">
      <h3>{words.t('detail.evidence')}</h3>
      {hasPictures(sighting) ? (
        <Filmstrip key={alarm.eventId} sighting={sighting} />
      ) : (
        picture !== null && <Picture key={picture.blobId} blobId={picture.blobId} />
      )}
      {sighting != null && <SightingFacts sighting={sighting} />}
      <p class="quiet">
        {words.t('detail.takenAt')} <At at={alarm.time} /> · {words.t('detail.audited')}
      </p>
    </section>
  );
}

function hasPictures(sighting: IncidentAlarm['sighting']): sighting is Sighting {
  return (sighting?.filmstrip?.length ?? 0) > 0;
}
