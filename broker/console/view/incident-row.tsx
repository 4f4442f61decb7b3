import { useLayoutEffect, useRef } from 'preact/hooks';
import type { IncidentItem } from '#contract/http.ts';
import { isClosed } from '../state/ranking.ts';
import { typeName } from '../words/words.ts';
import { useConsole } from './console-context.ts';
import { StateChip } from './state-chip.tsx';
import { Elapsed, EscalationCountdown } from './timers.tsx';

/** One incident of the list: where, what, since when. */
export function IncidentRow({ item }: { readonly item: IncidentItem }) {
  const { state, words, dispatch } = useConsole();
  const selected = state.selectedId === item.id;
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (selected && state.focus.target === 'row') button.current?.focus();
  }, [state.focus.n]);
  const ringing = state.ringing.has(item.id) ? ' ringing' : '';
  return (
    <li class={`row state-${item.state}${ringing}${item.test ? ' test' : ''}`}>
      <button
        type="button"
        ref={button}
        aria-current={selected ? 'true' : undefined}
        onClick={() => dispatch({ type: 'selected', id: item.id })}
      >
        <span class="where">{item.place?.label ?? item.device}</span>
        <span class="what">
          {words.term('type', typeName(item.type))}
          {item.alarmCount > 1 && <Count count={item.alarmCount} />}
        </span>
        <span class="when">
          <StateChip item={item} />
          <span class="timer">
            <Elapsed at={item.openedAt} />
          </span>
        </span>
        {item.nextEscalationAt !== null && !isClosed(item) && (
          <EscalationCountdown at={item.nextEscalationAt} />
        )}
      </button>
    </li>
  );
}

function Count({ count }: { readonly count: number }) {
  const { words } = useConsole();
  return (
    <span class="count">
      <span aria-hidden="true">×{count}</span>
      <span class="hidden">{words.t('incident.alarms', { count })}</span>
    </span>
  );
}
