import { At } from './at.tsx';
import { useConsole } from './console-context.ts';
import { Elapsed } from './timers.tsx';

/** Says loudly that what is shown may be old. There is none while the page is live. */
export function ConnectionBanner() {
  const { state, words } = useConsole();
  if (state.connection.state !== 'down') return null;
  return (
    <div class="banner">
      <strong role="alert">
        {words.t('connection.downSince')} <At at={state.connection.sinceMs} />
      </strong>{' '}
      <span aria-hidden="true">
        (<Elapsed at={state.connection.sinceMs + state.skewMs} />)
      </span>{' '}
      {words.t('connection.polling')}{' '}
      {state.syncedAtMs === null ? (
        words.t('connection.neverSynced')
      ) : (
        <>
          {words.t('connection.asOf')} <At at={state.syncedAtMs} />
        </>
      )}
    </div>
  );
}
