import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAFE_AFTER_CRASHES, StartRecord } from '#agent/core/starts/judge-start.ts';
import { agentOn } from '../agent-process.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, failedBy, ok, skipped, warning } from '../finding.ts';
import { type Machine, readSystem } from '../machine.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** Whether the agent of the folder runs, and how its starts went. */
export const agentCheck: Check = {
  name: 'agent',
  examine: ({ machine, dataDir }) => {
    if (dataDir === null) return [];
    if (!existsSync(dataDir)) return [failed('agent', { code: 'WP4727', detail: dataDir })];
    const pid = agentOn(machine, dataDir);
    const record = recordIn(dataDir);
    if (record instanceof Error)
      return [runningFinding(machine, pid, null), failedBy('starts', record, 'WP4700')];
    return [runningFinding(machine, pid, record), ...(record === null ? [] : startFindings(record))];
  },
};

function runningFinding(machine: Machine, pid: number | null, record: StartRecord | null): Finding {
  if (pid !== null) return ok('agent', `runs as process ${pid}`);
  if (record === null) return skipped('agent', 'it was never started on this folder');
  const { run } = record;
  const boot = readSystem(machine, BOOT_ID);
  if (run.hasEnded) return warning('agent', { code: 'WP4716', detail: 'it was ended in order' });
  if (boot !== null && run.bootId !== boot)
    return failed('agent', { code: 'WP4716', detail: 'it was not started since this machine was' });
  return failed('agent', { code: 'WP4716', detail: 'it was killed, or has crashed' });
}

function startFindings({ starts, healthyRuns, crashes, run }: StartRecord): Finding[] {
  const shown = `${starts} starts, of which ${healthyRuns} lasted; ${crashes} crashes in a row`;
  if (run.mode === 'safe')
    return [failed('starts', { code: 'WP4717', detail: `safe mode, the alarm path alone; ${shown}` })];
  if (crashes === 0) return [ok('starts', shown)];
  const next = `${shown}; from ${SAFE_AFTER_CRASHES} on it starts in safe mode`;
  return [warning('starts', { code: 'WP4717', detail: next })];
}

function recordIn(dataDir: string): StartRecord | Error | null {
  try {
    return StartRecord.parse(JSON.parse(readFileSync(join(dataDir, 'starts.json'), 'utf8')));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    return 'code' in cause && cause.code === 'ENOENT' ? null : cause;
  }
}
