import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { MonitoringSettings } from '#broker/api/readiness.ts';
import { AccessSettings } from '#broker/auth/access-settings.ts';
import { ConfiguredPerson } from '#broker/auth/people.ts';
import { ServiceGrant, VdaSettings } from '#broker/auth/topic-access.ts';
import { DEFAULT_ESCALATION, EscalationTable } from '#broker/incidents/escalation-table.ts';
import { RetentionPolicy } from '#broker/incidents/retention-policy.ts';
import { DEFAULT_RULES, IncidentRule } from '#broker/incidents/rules.ts';
import { SessionLimits } from '#broker/persistence/sessions/session-limits.ts';
import { StorageLimits } from '#broker/persistence/store/storage-limits.ts';
import { IdentitySettings } from '#broker/server/identity-settings.ts';
import { IntakeLimits } from '#broker/server/ingest/intake.ts';
import { ConnectionLimits } from '#broker/server/limits/connection-limits.ts';
import { WatchpostError } from '#contract/errors.ts';

const WebhookConfig = z
  .strictObject({
    kind: z.literal('webhook'),
    /** What the escalation calls it by. */
    name: z.string().min(1).max(60),
    url: z.url({ protocol: /^https?$/ }),
    /** Signs each message. */
    secret: z.string().min(16).max(200).optional(),
    /** A file with the secret, beside the configuration unless absolute: keeps it out of backups of this file. */
    secretFile: z.string().min(1).optional(),
    timeoutS: z.number().min(1).max(60).default(10),
  })
  .refine(({ secret, secretFile }) => (secret === undefined) !== (secretFile === undefined), {
    error: 'give either secret or secretFile',
  });

const SupervisionSettings = z.strictObject({
  /** For devices that have not said their own interval, in seconds. */
  defaultS: z.number().min(5).max(86_400).default(180),
  /** How often a device tests its alarm path that has not said so itself; 0: such a device is not judged. Hours. */
  testEveryH: z.number().min(0).max(8760).default(24),
  /** How much later a test may come before it is missed. Hours. */
  testToleranceH: z.number().min(0.1).max(168).default(2),
});

const SiteConfigFile = z
  .strictObject({
    /** Event types that open incidents besides every alarm. Replaces the default list. */
    rules: z
      .array(IncidentRule)
      .max(64)
      .default([...DEFAULT_RULES]),
    escalation: EscalationTable.default([...DEFAULT_ESCALATION]),
    notifiers: z.array(WebhookConfig).max(32).default([]),
    people: z.array(ConfiguredPerson).max(1000).default([]),
    access: AccessSettings.prefault({}),
    supervision: SupervisionSettings.prefault({}),
    retention: RetentionPolicy.prefault({}),
    limits: z
      .strictObject({
        sessions: SessionLimits.prefault({}),
        connections: ConnectionLimits.prefault({}),
        intake: IntakeLimits.prefault({}),
        storage: StorageLimits.prefault({}),
      })
      .prefault({}),
    monitoring: MonitoringSettings.prefault({}),
    identity: IdentitySettings.prefault({}),
    services: z.array(ServiceGrant).max(256).default([]),
    vda5050: VdaSettings.prefault({}),
    /** A folder with site-map.yaml, beside this file unless absolute (docs/site-map.md). */
    siteMap: z.strictObject({ folder: z.string().min(1).max(1000).optional() }).prefault({}),
    /** `normal` may lose the last acknowledged messages when power fails. */
    durability: z.enum(['full', 'normal']).default('full'),
  })
  .superRefine(({ notifiers, people, services }, context) => {
    refuseDoubles('services', services, context);
    refuseDoubles('notifiers', notifiers, context);
    refuseDoubles('people', people, context);
  });

type WebhookSettings = Omit<z.infer<typeof WebhookConfig>, 'secret' | 'secretFile'> & {
  readonly secret: string;
};
/** The configuration of a site, with its secrets read. */
export type SiteConfig = Omit<z.infer<typeof SiteConfigFile>, 'notifiers'> & {
  readonly notifiers: readonly WebhookSettings[];
};

export const DEFAULT_CONFIG: SiteConfig = { ...SiteConfigFile.parse({}), notifiers: [] };

/** Reads YAML or JSON. Throws WP5002, or WP5003 with file, line, path and what would be right. */
export function readConfig(file: string): SiteConfig {
  const text = readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line } = lines.linePos(mistake.pos[0]);
    const [reason] = mistake.message.split('\n');
    throw new WatchpostError('WP5003', { detail: `${file}:${line}: ${reason ?? 'not YAML'}` });
  }
  const parsed = SiteConfigFile.safeParse(document.toJS() ?? {});
  if (parsed.success) return withSecrets(file, parsed.data);
  const places = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String);
    return `${file}:${lineOf(document, lines, issue.path)}: ${path.join('.') || '(root)'}: ${issue.message}`;
  });
  throw new WatchpostError('WP5003', { detail: places.slice(0, 10).join('; ') });
}

/** The folder of the site's map: the one that is configured, else `maps` in the data folder; need not be there. */
export function siteMapFolder(
  { data, config: file }: { readonly data: string; readonly config: string | null },
  { siteMap: { folder } }: SiteConfig,
): string {
  return folder === undefined ? join(data, 'maps') : resolve(dirname(file ?? '.'), folder);
}

/** SHA-256 of the file as it is. */
export const digestOf = (file: string): string => createHash('sha256').update(readText(file)).digest('hex');

/** Names of notifiers that no rung of the escalation uses, and names in rungs that nobody configured. */
export function looseEnds({ notifiers, escalation }: SiteConfig): { unused: string[]; unknown: string[] } {
  const used = new Set(escalation.flatMap(({ notify }) => notify));
  const configured = new Set(notifiers.map(({ name }) => name));
  return {
    unused: [...configured].filter((name) => !used.has(name)),
    unknown: [...used].filter((name) => !configured.has(name)),
  };
}

function refuseDoubles(list: string, items: readonly { name: string }[], context: z.RefinementCtx): void {
  items.forEach(({ name }, index) => {
    if (items.findIndex((item) => item.name === name) === index) return;
    context.addIssue({ code: 'custom', path: [list, index, 'name'], message: `${name} is named twice` });
  });
}

function withSecrets(file: string, config: z.infer<typeof SiteConfigFile>): SiteConfig {
  const notifiers = config.notifiers.map(({ secret, secretFile, ...settings }, index) => ({
    ...settings,
    secret: secret ?? readSecret(resolve(dirname(file), secretFile ?? ''), `notifiers.${index}.secretFile`),
  }));
  return { ...config, notifiers };
}

function readSecret(file: string, path: string): string {
  const secret = readText(file, path).trim();
  if (secret.length >= 16) return secret;
  throw new WatchpostError('WP5003', { detail: `${path}: ${file} has fewer than 16 characters` });
}

function readText(file: string, path = ''): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP5002', { detail: path === '' ? reason : `${path}: ${reason}`, cause });
  }
}

/** The line of the nearest part of the path that is in the file: a missing key is at its parent. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}
