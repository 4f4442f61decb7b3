import type { IncidentItem } from '#contract/http.ts';
import { isClosed, listedIncidents } from '../state/ranking.ts';
import { useConsole } from './console-context.ts';
import { IncidentRow } from './incident-row.tsx';

/** Open incidents, most urgent on top, then those that wait for their review. */
export function IncidentList() {
  const { state, words } = useConsole();
  const items = listedIncidents(state);
  const closed = items.filter(isClosed);
  const open = items.filter((item) => !isClosed(item));
  return (
    <section class="panel incidents" aria-labelledby="incidents-title">
      <h2 id="incidents-title">
        {words.t('list.open')} <span class="number">{open.length}</span>
      </h2>
      {open.length === 0 ? <Nothing /> : <Rows items={open} label={words.t('list.open')} />}
      {closed.length > 0 && (
        <>
          <h3>
            {words.t('list.toReview')} <span class="number">{closed.length}</span>
          </h3>
          <Rows items={closed} label={words.t('list.toReview')} />
        </>
      )}
    </section>
  );
}

function Rows({ items, label }: { readonly items: readonly IncidentItem[]; readonly label: string }) {
  return (
    <ul aria-label={label}>
      {items.map((item) => (
        <IncidentRow key={item.id} item={item} />
      ))}
    </ul>
  );
}

/** An empty list is only good news when it is known to be current. */
function Nothing() {
  const { state, words } = useConsole();
  if (state.syncedAtMs === null) return <p class="empty">{words.t('list.loading')}</p>;
  return <p class="empty">{words.t(state.connection.state === 'live' ? 'list.none' : 'list.noneKnown')}</p>;
}
