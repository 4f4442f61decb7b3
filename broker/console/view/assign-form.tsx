import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from './console-context.ts';
import { StepForm } from './step-form.tsx';

/** Asks who goes. Offers the site's robots and whoever was sent before. */
export function AssignForm() {
  const { state, words, commands } = useConsole();
  const [assignee, setAssignee] = useState('');
  const input = useRef<HTMLInputElement>(null);
  // Before the next key can come: what is typed for the form must not be taken for commands.
  useLayoutEffect(() => input.current?.focus(), []);
  const robots = [...state.devices.values()].filter((device) => device.state?.profile?.kind === 'robot');
  const sentBefore = [...state.incidents.values()].flatMap((item) => item.assignee ?? []);
  const offers = new Set([...sentBefore, ...robots.map((device) => device.device)]);
  return (
    <StepForm
      action="assign"
      onSubmit={() => assignee.trim() !== '' && commands.send('assign', { assignee: assignee.trim() })}
    >
      <label>
        <span>{words.t('action.assignee')}</span>
        <input
          ref={input}
          type="text"
          required
          maxLength={100}
          autoComplete="off"
          list="assignees"
          value={assignee}
          onInput={(event) => setAssignee(event.currentTarget.value)}
        />
      </label>
      <datalist id="assignees">
        {[...offers].map((offer) => (
          <option key={offer} value={offer} />
        ))}
      </datalist>
    </StepForm>
  );
}
