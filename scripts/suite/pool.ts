/** Something to be run, of a sort of which only so many may run at the same time. */
export interface Job<Sort extends string = string> {
  readonly sort: Sort;
  readonly name: string;
}

export interface PoolOptions<Sort extends string> {
  /** Of all sorts together. */
  readonly atOnce: number;
  /** Of each sort; the sorts are served in this order. */
  readonly perSort: ReadonlyMap<Sort, number>;
}

/**
 * Runs jobs, each as soon as there is room for one of its sort: whatever runs out first leaves its room to the others.
 * Resolves when all are done; rejects with what `run` rejects with, when the jobs then running are done.
 */
export async function runPool<J extends Job>(
  jobs: readonly J[],
  { atOnce, perSort }: PoolOptions<J['sort']>,
  run: (job: J) => Promise<void>,
): Promise<void> {
  const waiting = [...jobs];
  const running = new Set<J>();
  const next = (): J | undefined => {
    for (const [sort, most] of perSort) {
      const busy = [...running].filter((job) => job.sort === sort).length;
      const at = busy < most ? waiting.findIndex((job) => job.sort === sort) : -1;
      if (at >= 0) return waiting.splice(at, 1)[0];
    }
    return undefined;
  };
  await new Promise<void>((resolve, reject) => {
    const failures: unknown[] = [];
    const fill = () => {
      while (running.size < atOnce && failures.length === 0) {
        const job = next();
        if (job === undefined) break;
        running.add(job);
        run(job)
          .catch((cause: unknown) => failures.push(cause))
          .finally(() => {
            running.delete(job);
            fill();
          });
      }
      if (running.size > 0) return;
      if (failures.length > 0) reject(failures[0]);
      else resolve();
    };
    fill();
  });
}
