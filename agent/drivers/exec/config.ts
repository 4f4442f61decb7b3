import * as z from 'zod';

/** `with:` of a sensor that a program of the operator reads. */
export const ExecConfig = z.strictObject({
  driver: z.literal('exec'),
  /** Its absolute path; no shell sees it or its arguments. */
  command: z
    .string()
    .regex(/^\/[^\0]{1,400}$/)
    .refine((path) => !path.split('/').includes('..'), 'without ..'),
  args: z
    .array(
      z
        .string()
        .max(400)
        .regex(/^[^\0]*$/),
    )
    .max(32)
    .default([]),
  /** Killed after that, with whatever it has started. Less than the agent waits for any reading (10 s). */
  timeoutS: z.number().min(0.1).max(9).default(5),
});
export type ExecConfig = z.infer<typeof ExecConfig>;
