import { useLayoutEffect, useRef } from 'preact/hooks';
import { useConsole } from './console-context.ts';

const KEYS = [
  ['j ↓', 'down'],
  ['k ↑', 'up'],
  ['Enter', 'open'],
  ['Esc', 'back'],
  ['a', 'acknowledge'],
  ['s', 'assign'],
  ['d', 'arrive'],
  ['r', 'resolve'],
  ['v', 'review'],
  ['m', 'silence'],
  ['g', 'map'],
  ['?', 'help'],
] as const;

/** The keys, in a dialog that keeps the focus until it is closed. */
export function HelpDialog() {
  const { words, dispatch } = useConsole();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="help-title"
      onCancel={(event) => {
        event.preventDefault();
        dispatch({ type: 'help-toggled' });
      }}
    >
      <h2 id="help-title">{words.t('help.keys')}</h2>
      <dl class="keys">
        {KEYS.map(([keys, name]) => (
          <div key={name}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{words.t(`help.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="primary" onClick={() => dispatch({ type: 'help-toggled' })}>
        {words.t('help.close')}
      </button>
    </dialog>
  );
}
