import { loudest } from '../state/ranking.ts';
import { typeName } from '../words/words.ts';
import { useConsole } from './console-context.ts';
import { Key } from './key.tsx';

/** Calls out the most urgent alarm that nobody has reacted to, for eyes and for screen readers. */
export function AlarmBanner() {
  const { state, words, dispatch } = useConsole();
  const item = loudest(state);
  return (
    <div class="alarm-live" role="alert">
      {item !== null && (
        <div class="alarm-banner">
          <strong>{words.t('alarm.new')}</strong>
          <button type="button" class="link" onClick={() => dispatch({ type: 'selected', id: item.id })}>
            {item.place?.label ?? item.device} — {words.term('type', typeName(item.type))}
            {state.ringing.size > 1 && ` (+${state.ringing.size - 1})`}
          </button>
          <button type="button" aria-keyshortcuts="m" onClick={() => dispatch({ type: 'silenced' })}>
            {words.t('alarm.silence')} <Key name="m" />
          </button>
        </div>
      )}
    </div>
  );
}
