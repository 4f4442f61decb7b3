import * as z from 'zod';

/** What the vision process may take of the machine, where the service manager lets the agent share out its group. */
export const VisionLimits = z.strictObject({
  /** With more it is killed, and started again. A learned detector adds about 150 (docs/learned-detector.md). */
  memoryMiB: z.int().min(64).max(16_384).default(512),
  /** Its share of the processor when there is not enough for all; what is not limited has 100. */
  cpuWeight: z.int().min(1).max(10_000).default(50),
  /** Processes and threads. */
  tasks: z.int().min(16).max(4_096).default(96),
});
export type VisionLimits = z.infer<typeof VisionLimits>;
