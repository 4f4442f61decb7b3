import * as z from 'zod';
import type { EscalationStep, IncidentItem } from '#contract/http.ts';
import type { Words } from '../words/words.ts';
import { At } from './at.tsx';
import { useConsole } from './console-context.ts';

/** What the site adds to a rung; none of it is promised, and a page without it still says the rest. */
const Proof = z.object({
  round: z.int().optional(),
  consoles: z.int().catch(0),
  robot: z.string().nullable().catch(null),
  notifications: z
    .array(
      z.object({
        notifier: z.string(),
        attempts: z.int(),
        deliveredAt: z.string().nullable(),
        error: z.string().nullable(),
      }),
    )
    .catch([]),
});
type Proof = z.infer<typeof Proof>;

/** Who has been called so far, and whether the call got through. */
export function EscalationList({ item }: { readonly item: IncidentItem }) {
  const { words } = useConsole();
  if (item.escalations.length === 0) return null;
  return (
    <section class="block">
      <h3>{words.t('detail.escalations')}</h3>
      <ol class="log escalations">
        {item.escalations.map((step) => (
          <Rung key={`${step.at} ${step.step}`} step={step} />
        ))}
      </ol>
    </section>
  );
}

function Rung({ step }: { readonly step: EscalationStep }) {
  const { words } = useConsole();
  const outcome = outcomeOf(step);
  const proof = Proof.parse(step);
  return (
    <li>
      <At at={step.at} />
      <span>{words.term('rung', step.name)}</span>
      <span class={`delivery ${outcome}`}>{words.t(`delivery.${outcome}`)}</span>
      <span class="quiet">{proofWords(proof, words).join(' · ')}</span>
    </li>
  );
}

function outcomeOf({ delivered }: EscalationStep): 'trying' | 'delivered' | 'failed' {
  if (delivered === null) return 'trying';
  return delivered ? 'delivered' : 'failed';
}

function proofWords({ round, consoles, robot, notifications }: Proof, words: Words): string[] {
  const parts: string[] = [];
  if (round !== undefined && round > 1) parts.push(words.t('escalation.again', { round }));
  if (consoles > 0) parts.push(words.t('escalation.consoles', { count: consoles }));
  if (robot !== null) parts.push(words.t('escalation.robot', { name: robot }));
  for (const { notifier, attempts, deliveredAt, error } of notifications) {
    const outcome = words.t(`delivery.${deliveredAt === null ? 'trying' : 'delivered'}`);
    const tries = words.t('escalation.attempts', { count: attempts });
    parts.push(`${notifier}: ${deliveredAt === null && error !== null ? error : outcome} (${tries})`);
  }
  return parts;
}
