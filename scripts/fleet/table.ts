import type { Drift, FleetItem, MemberState, RolloutItem } from '#contract/fleet.ts';

const DRIFT_WORDS: Record<Drift, string> = {
  'as-wanted': 'runs what it was given',
  'on-trial': 'tries a new one',
  'on-its-way': 'is to be given it',
  rejected: 'DRIFT: gave it up, the one before runs',
  behind: 'DRIFT: runs an older one',
  ahead: 'DRIFT: runs a newer one',
  other: 'DRIFT: runs another of the same number',
  unmanaged: 'was given nothing by the site',
  unsaid: 'does not say what it runs',
};

const STATE_WORDS: Record<MemberState, string> = {
  waiting: 'waits',
  sending: 'is sent to',
  installing: 'installs',
  trial: 'on trial',
  confirmed: 'confirmed',
  skipped: 'had it already',
  rejected: 'REJECTED',
  failed: 'FAILED',
  withdrawn: 'spared',
};

/** One line a device, under a line that says what stands where. */
export function fleetTable(items: readonly FleetItem[]): string {
  const rows = items.map((item) => [
    item.id,
    item.online ? 'online' : `seen ${item.lastSeenAt?.slice(0, 16) ?? 'never'}`,
    item.agent ?? '?',
    runningOf(item),
    item.wanted === null ? '-' : String(item.wanted.generation),
    item.certificateEndsAt?.slice(0, 10) ?? '?',
    driftWords(item),
  ]);
  return tableOf(['device', 'now', 'agent', 'runs', 'wanted', 'certificate to', 'so it'], rows);
}

export const isDrift = ({ drift }: FleetItem): boolean => DRIFT_WORDS[drift].startsWith('DRIFT');

function runningOf({ running }: FleetItem): string {
  if (running === null) return '?';
  return `${running.generation}${running.state === 'trial' ? ' (trial)' : ''}`;
}

function driftWords({ drift, wanted, running }: FleetItem): string {
  const code = wanted?.code ?? (drift === 'rejected' ? running?.last?.code : null) ?? null;
  const shown = drift === 'rejected' || drift === 'behind' || drift === 'on-its-way';
  return shown && code !== null ? `${DRIFT_WORDS[drift]} (${code})` : DRIFT_WORDS[drift];
}

/** Its standing in one line, then its devices by stage. */
export function rolloutTable(item: RolloutItem): string {
  const rows = item.members.map(({ device, stage, generation, state, code, detail, sentBytes, bytes }) => [
    String(stage + 1),
    device,
    String(generation),
    state === 'sending' ? `${STATE_WORDS[state]}, ${percentOf(sentBytes, bytes)}` : STATE_WORDS[state],
    code === null ? '' : `${code}${detail === null ? '' : ` ${detail}`}`,
  ]);
  return `${rolloutLine(item)}\n${tableOf(['stage', 'device', 'generation', 'state', ''], rows)}`;
}

export function rolloutLine({
  id,
  name,
  state,
  stage,
  stages,
  soakAt,
  reason,
  members,
}: RolloutItem): string {
  const good = members.filter((member) => member.state === 'confirmed' || member.state === 'skipped').length;
  const since = soakAt === null || state !== 'running' ? '' : `, all of the stage confirmed since ${soakAt}`;
  const why = reason === null ? '' : `: ${reason}`;
  return `roll-out ${id} (${name}) ${state}${why}; stage ${stage + 1} of ${stages}, ${good} of ${members.length} have it${since}`;
}

const percentOf = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${Math.floor((100 * part) / whole)} %`;

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
