import * as z from 'zod';

/** How people come in (`access` of the site configuration). */
export const AccessSettings = z.strictObject({
  /** Hours after which a session ends however much it is used. */
  sessionHours: z.number().min(0.1).max(168).default(12),
  /** Minutes without a request and without an open console after which it ends. */
  sessionIdleMinutes: z.number().min(1).max(1440).default(60),
  /** Characters of a password at least; those that are there already stay. */
  passwordLength: z.int().min(12).max(64).default(12),
  /** Days that an API token lives unless said otherwise, and at most. */
  tokenDays: z.int().min(1).max(3650).default(90),
  tokenMaxDays: z.int().min(1).max(3650).default(365),
  /** API tokens that one person may have. */
  tokensPerPerson: z.int().min(1).max(1000).default(50),
  /** Wrong attempts of one address before it must wait, and seconds until it gets one back. */
  attemptsPerAddress: z.int().min(1).max(1000).default(10),
  addressRefillS: z.number().min(1).max(3600).default(30),
  /** Wrong attempts on one name from places where its owner never was, and seconds until one comes back. */
  attemptsPerName: z.int().min(1).max(1000).default(20),
  nameRefillS: z.number().min(1).max(3600).default(30),
  /** HTTP connections, WebSockets among them, that one address may have at once; 1000 are the most in all. */
  connectionsPerAddress: z.int().min(10).max(1000).default(250),
  /** Origins besides the console's own whose pages may open `/mqtt`, such as `https://map.example`. */
  origins: z
    .array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))
    .max(32)
    .default([]),
  /** Addresses or networks (CIDR) of proxies whose X-Forwarded-For and -Proto are believed. */
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .max(32)
    .default([]),
});
export type AccessSettings = z.infer<typeof AccessSettings>;

export const DEFAULT_ACCESS: AccessSettings = AccessSettings.parse({});
