import type { IncidentItem } from '#contract/http.ts';
import { callsAgain } from '../state/ranking.ts';
import { useConsole } from './console-context.ts';

/** State and test mark: told by word and shape, never by colour alone. */
export function StateChip({ item }: { readonly item: IncidentItem }) {
  const { words } = useConsole();
  return (
    <span class="chips">
      <span class={`chip state-${item.state}`}>{words.term('state', item.state)}</span>
      {callsAgain(item) && <span class="chip state-open">{words.t('incident.again')}</span>}
      {item.test && <span class="chip test">{words.t('incident.test')}</span>}
    </span>
  );
}
