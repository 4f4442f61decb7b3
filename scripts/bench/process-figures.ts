import { readFileSync } from 'node:fs';

/** Ticks of utime and stime in a second: USER_HZ is 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time of all threads of a process, from proc_pid_stat(5); steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks: what follows it begins with field 3, so utime (14) is the twelfth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Mebibytes. `pssMiB` counts what is shared with other processes in part. */
export interface Memory {
  readonly residentMiB: number;
  readonly pssMiB: number;
}

/** From proc_pid_status(5) and proc_pid_smaps(5). */
export function memoryOf(pid: number): Memory {
  return {
    residentMiB: fieldKb(pid, 'status', 'VmRSS') / 1024,
    pssMiB: fieldKb(pid, 'smaps_rollup', 'Pss') / 1024,
  };
}

function fieldKb(pid: number, file: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  return Number(found?.[1]);
}
