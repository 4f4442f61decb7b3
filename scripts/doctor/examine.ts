import type { Check, Patient } from './check.ts';
import { agentCheck } from './checks/agent.ts';
import { brokerCheck } from './checks/broker.ts';
import { clockCheck } from './checks/clock.ts';
import { devicesCheck } from './checks/devices.ts';
import { diskCheck } from './checks/disk.ts';
import { identityCheck } from './checks/identity.ts';
import { journalCheck } from './checks/journal.ts';
import { linesCheck } from './checks/lines.ts';
import { packagesCheck } from './checks/packages.ts';
import { siteCheck } from './checks/site.ts';
import { slotsCheck } from './checks/slots.ts';
import { soundCheck } from './checks/sound.ts';
import { voiceCheck } from './checks/voice.ts';
import { wearCheck } from './checks/wear.ts';
import { type Finding, failedBy } from './finding.ts';

/** From what everything stands on to what stands on it. */
export const CHECKS: readonly Check[] = [
  clockCheck,
  packagesCheck,
  diskCheck,
  wearCheck,
  siteCheck,
  slotsCheck,
  identityCheck,
  brokerCheck,
  linesCheck,
  devicesCheck,
  soundCheck,
  voiceCheck,
  agentCheck,
  journalCheck,
];

/** Looks at everything, and changes nothing. A check that fails itself is a finding; the others go on. */
export async function examine(
  patient: Patient,
  onFinding: (finding: Finding) => void = () => undefined,
  checks: readonly Check[] = CHECKS,
): Promise<Finding[]> {
  const all: Finding[] = [];
  for (const check of checks) {
    for (const finding of await findingsOf(check, patient)) {
      all.push(finding);
      onFinding(finding);
    }
  }
  return all;
}

async function findingsOf(check: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await check.examine(patient);
  } catch (cause) {
    return [failedBy(check.name, cause)];
  }
}
