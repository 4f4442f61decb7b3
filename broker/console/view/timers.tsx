import { duration } from '../words/format.ts';
import { useConsole, useSiteNow } from './console-context.ts';

/** How long ago `at` was, running. */
export function Elapsed({ at }: { readonly at: string | number }) {
  const nowMs = useSiteNow();
  return <>{duration(nowMs - new Date(at).getTime())}</>;
}

/** Time until the next rung of the escalation; says so when it is due. */
export function EscalationCountdown({ at }: { readonly at: string }) {
  const { words } = useConsole();
  const leftMs = new Date(at).getTime() - useSiteNow();
  if (leftMs <= 0) return <span class="countdown due">{words.t('incident.escalationDue')}</span>;
  return <span class="countdown">{words.t('incident.escalationIn', { time: duration(leftMs) })}</span>;
}
