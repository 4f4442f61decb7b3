import * as z from 'zod';

const Code = z.string().regex(/^WP\d{4}$/);

/** What the installer says, as one JSON line, when it is done. */
export const InstallOutcome = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    file: z.string(),
    generation: z.int().min(1),
    slot: z.enum(['a', 'b']),
    /** `confirmed`: this very content runs already, and nothing was written. */
    state: z.enum(['trial', 'confirmed']),
    /** What a clock that is set would have refused it for. */
    reports: z.array(z.string()),
  }),
  z.object({
    ok: z.literal(false),
    file: z.string(),
    /** Null where it could not be read that far. */
    generation: z.int().min(1).nullable(),
    code: Code,
    detail: z.string(),
    phase: z.enum(['verify', 'write']),
  }),
]);
export type InstallOutcome = z.infer<typeof InstallOutcome>;
export type InstallRefusal = Extract<InstallOutcome, { ok: false }>;

export interface InstallRequest {
  /** The one with the highest generation that passes is taken. */
  readonly files: readonly string[];
  /** Of the whole file; null where nobody has said what it is to be. */
  readonly sha256: string | null;
}

/** Verifies a bundle and writes it into the idle slot, in a process of its own (docs/slots.md). */
export interface Installer {
  /** Rejects with WP4219 where it ends without a word. */
  install(request: InstallRequest): Promise<InstallOutcome>;
  /** Ends what is running. Idempotent. */
  close(): Promise<void>;
}
