import { useEffect, useRef } from 'preact/hooks';
import type { IncidentAction, IncidentItem } from '#contract/http.ts';
import { ACTION_KEYS } from '../control/keyboard.ts';
import { nextActions } from '../state/ranking.ts';
import { AssignForm } from './assign-form.tsx';
import { useConsole } from './console-context.ts';
import { Key } from './key.tsx';
import { ResolveForm } from './resolve-form.tsx';

/** The next steps of the lifecycle, the expected one first, with a note for the record. */
export function ActionBar({ item }: { readonly item: IncidentItem }) {
  const { state, words } = useConsole();
  const actions = nextActions(item);
  const bar = useRef<HTMLFieldSetElement>(null);
  useKeptFocus(bar, item.state);
  if (actions.length === 0) return <p class="quiet">{words.t('action.finished')}</p>;
  return (
    <fieldset class="actions" ref={bar} aria-label={words.t('action.title')}>
      {state.form === null && <Buttons actions={actions} />}
      {state.form === 'assign' && <AssignForm />}
      {state.form === 'resolve' && <ResolveForm />}
      <Note />
    </fieldset>
  );
}

function Buttons({ actions }: { readonly actions: readonly IncidentAction[] }) {
  const { state, words, commands } = useConsole();
  return (
    <div class="buttons">
      {actions.map((action, index) => (
        <button
          key={action}
          type="button"
          class={index === 0 ? 'primary' : ''}
          disabled={state.busy}
          aria-keyshortcuts={ACTION_KEYS[action]}
          onClick={() => commands.begin(action)}
        >
          {words.t(`action.${action}`)} <Key name={ACTION_KEYS[action]} />
        </button>
      ))}
    </div>
  );
}

function Note() {
  const { state, words, dispatch } = useConsole();
  return (
    <label class="note">
      <span>{words.t('action.note')}</span>
      <input
        type="text"
        maxLength={2000}
        autoComplete="off"
        value={state.note}
        placeholder={words.t('action.noteHint')}
        onInput={(event) => dispatch({ type: 'note-typed', note: event.currentTarget.value })}
      />
    </label>
  );
}

/** A step taken removes its button; the focus then stays with the actions and does not fall off the page. */
function useKeptFocus(bar: { readonly current: HTMLElement | null }, state: string): void {
  const first = useRef('yes');
  useEffect(() => {
    if (first.current === 'yes') first.current = 'no';
    else if (document.activeElement === document.body) bar.current?.querySelector('button')?.focus();
  }, [state]);
}
