import type { IncidentStep } from '#contract/http.ts';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';

/** What was done, by whom, when. */
export function StepList({ steps }: { readonly steps: readonly IncidentStep[] }) {
  const { words } = useConsole();
  if (steps.length === 0) return null;
  return (
    <section class="block">
      <h3>{words.t('detail.steps')}</h3>
      <ol class="log steps">
        {steps.map((step) => (
          <li key={`${step.at} ${step.state}`}>
            <At at={step.at} />
            <span>
              {words.term('state', step.state)}
              {step.assignee !== null && ` → ${step.assignee}`}
              {step.cause !== null && `: ${words.term('cause', step.cause)}`}
            </span>
            <span class="quiet">{step.who}</span>
            {step.note !== null && <q>{step.note}</q>}
          </li>
        ))}
      </ol>
    </section>
  );
}
