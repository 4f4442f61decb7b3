import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from './console-context.ts';
import { StepForm } from './step-form.tsx';

/** What it turned out to be. The names are stored; their words are shown. */
const CAUSES = ['helped', 'nobody-found', 'false-alarm', 'misuse', 'technical', 'exercise', 'other'] as const;

/** Asks what it was. */
export function ResolveForm() {
  const { words, commands } = useConsole();
  const [cause, setCause] = useState('');
  const select = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => select.current?.focus(), []);
  return (
    <StepForm action="resolve" onSubmit={() => cause !== '' && commands.send('resolve', { cause })}>
      <label>
        <span>{words.t('action.cause')}</span>
        <select ref={select} required value={cause} onChange={(event) => setCause(event.currentTarget.value)}>
          <option value="" disabled>
            {words.t('action.choose')}
          </option>
          {CAUSES.map((name) => (
            <option key={name} value={name}>
              {words.term('cause', name)}
            </option>
          ))}
        </select>
      </label>
    </StepForm>
  );
}
