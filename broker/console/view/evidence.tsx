import { useEffect, useState } from 'preact/hooks';
import type { IncidentAlarm } from '#contract/http.ts';
import { evidenceUrl } from '../api/client.ts';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';

/** Pictures travel last and in pieces: the event is here before its picture. */
const RETRY_MS = 3000;

/** The newest picture of the incident. Each look at it is written to the audit table by the site. */
export function Evidence({ alarms }: { readonly alarms: readonly IncidentAlarm[] }) {
  const { words } = useConsole();
  const alarm = alarms.findLast(({ picture }) => picture !== null);
  if (alarm === undefined || alarm.picture === null) return null;
  return (
    <section class="block evidence">
      <h3>{words.t('detail.evidence')}</h3>
      <Picture key={alarm.picture.blobId} blobId={alarm.picture.blobId} />
      <p class="quiet">
        {words.t('detail.takenAt')} <At at={alarm.time} /> · {words.t('detail.audited')}
      </p>
    </section>
  );
}

function Picture({ blobId }: { readonly blobId: string }) {
  const { words, clock } = useConsole();
  const [attempt, setAttempt] = useState(1);
  const [state, setState] = useState<'loading' | 'shown' | 'missing'>('loading');
  useEffect(() => {
    if (state !== 'missing') return;
    return clock.after(RETRY_MS, () => {
      setState('loading');
      setAttempt(attempt + 1);
    });
  }, [state, attempt]);
  return (
    <>
      {state !== 'missing' && (
        <img
          key={attempt}
          src={evidenceUrl(blobId)}
          alt={words.t('detail.evidenceAlt')}
          onLoad={() => setState('shown')}
          onError={() => setState('missing')}
        />
      )}
      {state !== 'shown' && (
        <p class="waiting" role="status">
          {words.t('detail.evidenceComing')}
        </p>
      )}
    </>
  );
}
