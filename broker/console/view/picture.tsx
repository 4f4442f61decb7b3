import { useEffect, useState } from 'preact/hooks';
import { evidenceUrl } from '../api/client.ts';
import { useConsole } from './console-context.ts';

/** Pictures travel last and in pieces: the event is here before its picture. */
const RETRY_MS = 3000;

/** A picture that may still be on its way. */
export function Picture({ blobId }: { readonly blobId: string }) {
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
