import { BUILT_AT_MS } from '#agent/core/device-clock.ts';
import type { Check, Patient } from '../check.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import { type Machine, readSystem } from '../machine.ts';

const SYNCHRONIZED = '/run/systemd/timesync/synchronized';
const ANSWER_LIMIT_MS = 5_000;
/** SIA DC-09-2021: a receiver of alarms takes a time stamp from 40 s behind to 20 s ahead. */
const BEHIND_S = 40;
const AHEAD_S = 20;
/** The header Date has whole seconds: so much may be its rounding. */
const ROUNDING_S = 1;

/** Whether the clock was set, whether something keeps it, and whether it is that of the site. */
export const clockCheck: Check = {
  name: 'clock',
  examine: async (patient) => {
    const set = setFinding(patient.machine);
    return [set, await keptFinding(patient.machine), ...(await siteFindings(patient))];
  },
};

function setFinding({ nowMs }: Machine): Finding {
  const now = nowMs();
  const shown = new Date(now).toISOString();
  if (now >= BUILT_AT_MS) return ok('clock', shown);
  const detail = `${shown}, which is before this program was made`;
  return failed('clock', { code: 'WP4702', detail });
}

/** timesyncd leaves a file; the kernel's own flag, which timedatectl shows, is set by chrony and ntpd as well. */
async function keptFinding(machine: Machine): Promise<Finding> {
  const what = 'clock is kept';
  if (readSystem(machine, SYNCHRONIZED) !== null) return ok(what, 'by systemd-timesyncd');
  const { status, shown } = await machine.run(['timedatectl', 'show', '-p', 'NTPSynchronized', '--value']);
  if (status !== 0) return skipped(what, 'neither systemd-timesyncd nor timedatectl is here to say');
  if (shown.trim() === 'yes') return ok(what, 'the kernel says that it is synchronised');
  return warning(what, { code: 'WP4703' });
}

async function siteFindings({ machine, siteUrl }: Patient): Promise<Finding[]> {
  const what = 'clock of the site';
  if (siteUrl === null) return [];
  const before = machine.nowMs();
  const siteMs = await timeOf(siteUrl);
  if (typeof siteMs === 'string') return [failed(what, { code: 'WP4714', detail: `${siteUrl}: ${siteMs}` })];
  const after = machine.nowMs();
  const aheadS = ((before + after) / 2 - siteMs) / 1000;
  const unsureS = (after - before) / 2000 + ROUNDING_S;
  return [judge(what, aheadS, unsureS)];
}

function judge(what: string, aheadS: number, unsureS: number): Finding {
  const size = Math.abs(aheadS).toFixed(1);
  const detail = `${size} s ${aheadS < 0 ? 'behind' : 'ahead of'} the site, give or take ${unsureS.toFixed(1)} s`;
  if (Math.abs(aheadS) <= unsureS) return ok(what, detail);
  const isRefused = aheadS - unsureS > AHEAD_S || -aheadS - unsureS > BEHIND_S;
  return (isRefused ? failed : warning)(what, { code: 'WP4704', detail });
}

/** What the site says in its header Date (RFC 9110 §6.6.1), in ms; or why it says nothing. */
async function timeOf(url: string): Promise<number | string> {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const response = await fetch(new URL('/healthz', url), { signal, redirect: 'manual' });
    await response.body?.cancel();
    const time = Date.parse(response.headers.get('date') ?? '');
    return Number.isNaN(time) ? 'it says no time' : time;
  } catch (cause) {
    if (!(cause instanceof Error)) return String(cause);
    return cause.cause instanceof Error ? cause.cause.message : cause.message;
  }
}
