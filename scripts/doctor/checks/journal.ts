import { QUEUES } from '#agent/behaviours/health/probes.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, failedBy, ok, skipped, warning } from '../finding.ts';
import { type Queues, queuesIn } from '../queues.ts';

/** The device's store: whether it can be read, what the site has not received, and whether time ran backwards. */
export const journalCheck: Check = {
  name: 'journal',
  examine: ({ machine, dataDir }) => {
    if (dataDir === null) return [];
    try {
      const queues = queuesIn(dataDir);
      if (queues === null) return [skipped('journal', 'the device has stored nothing yet')];
      return [soundFinding(queues), queueFinding(queues), ...timeFindings(queues, machine.nowMs())];
    } catch (cause) {
      return [failedBy('journal', cause, 'WP4719')];
    }
  },
};

function soundFinding({ damage }: Queues): Finding {
  if (damage.length === 0) return ok('journal', 'readable, nothing damaged');
  return failed('journal', { code: 'WP4719', detail: damage.join('; ') });
}

/** The limits are those of the agent's own health; of alarms one that waits is worth a word. */
function queueFinding({ alarm, event, telemetry }: Queues): Finding {
  const what = 'queues';
  const shown = `${alarm} alarms, ${event} events, ${telemetry} samples wait for the site`;
  const trouble = { code: 'WP4718', detail: shown } as const;
  if (alarm >= QUEUES.alarm.failed || event >= QUEUES.event.failed) return failed(what, trouble);
  if (alarm > 0 || event >= QUEUES.event.degraded || telemetry >= QUEUES.telemetry.degraded)
    return warning(what, trouble);
  return ok(what, shown);
}

/** The site has already confirmed something at a time that this clock has yet to reach. */
function timeFindings({ siteTimeMs }: Queues, nowMs: number): Finding[] {
  if (siteTimeMs <= nowMs) return [];
  const behindS = Math.ceil((siteTimeMs - nowMs) / 1000);
  const detail = `at least ${behindS} s behind: the site's last receipt is of ${new Date(siteTimeMs).toISOString()}`;
  return [(behindS > 40 ? failed : warning)('clock of the receipts', { code: 'WP4704', detail })];
}
