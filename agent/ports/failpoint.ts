/** Called at the named points of journal and link where a crash is tried in the fault suite. */
export type Failpoint = (name: string) => void;

export const noFailpoint: Failpoint = () => undefined;

/** Dies by SIGKILL the `skip + 1`-th time `name` is reached: as abrupt as a power cut to the process. */
export function killAt(name: string, skip: number): Failpoint {
  let left = skip;
  return (reached) => {
    if (reached !== name || left-- > 0) return;
    process.kill(process.pid, 'SIGKILL');
  };
}
