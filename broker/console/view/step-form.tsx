import type { ComponentChildren } from 'preact';
import type { FormAction } from '../state/model.ts';
import { useConsole } from './console-context.ts';

interface StepFormProps {
  readonly action: FormAction;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

/** A step that asks for a word first: Enter sends it, Escape leaves it. */
export function StepForm({ action, onSubmit, children }: StepFormProps) {
  const { state, words, dispatch } = useConsole();
  return (
    <form
      class="step-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <button type="submit" class="primary" disabled={state.busy}>
        {words.t(`action.${action}`)}
      </button>
      <button type="button" onClick={() => dispatch({ type: 'backed' })}>
        {words.t('action.cancel')}
      </button>
    </form>
  );
}
