import * as z from 'zod';

/** How closely the broker watches who is who (`identity` of the site configuration). */
export const IdentitySettings = z.strictObject({
  /** Takeovers of one session within a minute that are still taken for a link that breaks; one more is a fault. */
  takeoversPerMinute: z.int().min(1).max(1000).default(3),
  /** Minutes in which the same about the same device is not reported again. */
  alertAgainMinutes: z.number().min(1).max(1440).default(10),
});
export type IdentitySettings = z.infer<typeof IdentitySettings>;

export const DEFAULT_IDENTITY: IdentitySettings = IdentitySettings.parse({});
