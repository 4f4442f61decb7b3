import { useLayoutEffect, useRef } from 'preact/hooks';
import type { IncidentDetail as Detail, IncidentItem } from '#contract/http.ts';
import { isClosed } from '../state/ranking.ts';
import { typeName } from '../words/words.ts';
import { ActionBar } from './action-bar.tsx';
import { AlarmList } from './alarm-list.tsx';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';
import { EscalationList } from './escalation-list.tsx';
import { Evidence } from './evidence.tsx';
import { PlaceFacts } from './place-facts.tsx';
import { StateChip } from './state-chip.tsx';
import { StepList } from './step-list.tsx';
import { Elapsed, EscalationCountdown } from './timers.tsx';
import { TroubleBar } from './trouble-bar.tsx';

/** Everything about the selected incident, and the next steps. */
export function IncidentDetail() {
  const { state, words, dispatch } = useConsole();
  const item = state.selectedId === null ? undefined : state.incidents.get(state.selectedId);
  return (
    <section class="panel detail" aria-label={words.t('detail.title')}>
      {item === undefined ? (
        <p class="empty">{words.t('detail.none')}</p>
      ) : (
        <>
          <button type="button" class="back" onClick={() => dispatch({ type: 'backed' })}>
            ← {words.t('detail.back')}
          </button>
          <Headline item={item} />
          <ActionBar key={item.id} item={item} />
          <TroubleBar />
          <PlaceFacts item={item} />
          {state.detail?.id === item.id && <Rest detail={state.detail} />}
          <EscalationList item={item} />
        </>
      )}
    </section>
  );
}

function Headline({ item }: { readonly item: IncidentItem }) {
  const { state, words } = useConsole();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (state.focus.target === 'detail') heading.current?.focus();
  }, [state.focus.n]);
  return (
    <header class={`headline state-${item.state}`}>
      <h2 ref={heading} tabIndex={-1}>
        {item.place?.label ?? item.device}
      </h2>
      <p class="what">{words.term('type', typeName(item.type))}</p>
      <p class="when">
        <StateChip item={item} />
        <span class="timer">
          <Elapsed at={item.openedAt} />
        </span>
        <span class="quiet">
          {words.t('incident.receivedAt')} <At at={item.openedAt} />
        </span>
        {item.nextEscalationAt !== null && !isClosed(item) && (
          <EscalationCountdown at={item.nextEscalationAt} />
        )}
      </p>
    </header>
  );
}

function Rest({ detail }: { readonly detail: Detail }) {
  return (
    <>
      <Evidence alarms={detail.alarms} />
      <AlarmList alarms={detail.alarms} />
      <StepList steps={detail.steps} />
    </>
  );
}
