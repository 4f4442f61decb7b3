import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WatchpostError } from '#contract/errors.ts';
import { type DeviceAddress, NAME_PATTERN } from '#contract/names.ts';

/** How one agent was started. */
export interface AgentSettings {
  readonly address: DeviceAddress;
  /** The device's own folder: journal, resolved profile, rendered voice, evidence. */
  readonly dataDir: string;
  readonly brokers: readonly [string, ...string[]];
  /** Key, certificate and CA; null with plain mqtt://. */
  readonly identityDir: string | null;
}

export const AGENT_USAGE = `Usage: scripts/watchpost agent --profile FILE [--site-file FILE] --device ID --site ID --data DIR --broker URL[,URL] [--identity DIR]

  --profile FILE    the device's profile (YAML); resolved into DIR/profile.json before the agent starts
  --site-file FILE  the site's file: place, languages and the like by device
  --device ID       the device's name, 1 to 32 of a-z, 0-9 and -
  --site ID         the site's name, likewise
  --data DIR        the device's own folder
  --broker URLS     mqtt://host:port or mqtts://host:port; several, in order, with commas
  --identity DIR    key.pem, cert.pem and ca.pem, for mqtts://
`;

const OPTIONS = {
  profile: { type: 'string' },
  'site-file': { type: 'string' },
  device: { type: 'string' },
  site: { type: 'string' },
  data: { type: 'string' },
  broker: { type: 'string' },
  identity: { type: 'string' },
} as const;

/** @throws WatchpostError WP5024 saying what is missing or wrong */
export function readSettings(args: readonly string[]): AgentSettings {
  const { profile, device, site, data, broker, identity } = parse(args);
  const missing = Object.entries({ profile, device, site, data, broker }).find(([, value]) => !value)?.[0];
  if (missing !== undefined || !device || !site || !data || !broker) throw wrong(`--${missing} is missing`);
  for (const [option, name] of Object.entries({ device, site })) {
    if (!NAME_PATTERN.test(name)) throw wrong(`--${option} ${name} is not 1 to 32 of a-z, 0-9 and -`);
  }
  const [first, ...others] = broker.split(',').map((url) => url.trim());
  if (!first || others.includes('')) throw wrong(`--broker ${broker} has an empty address`);
  for (const url of [first, ...others]) requireBroker(url, identity);
  return {
    address: { site, device },
    dataDir: resolve(data),
    brokers: [first, ...others],
    identityDir: identity === undefined ? null : resolve(identity),
  };
}

function requireBroker(url: string, identity: string | undefined): void {
  const { protocol, hostname, username, password } = URL.parse(url) ?? {};
  const isKnown = protocol === 'mqtt:' || protocol === 'mqtts:';
  if (!isKnown || !hostname) throw wrong(`--broker ${url} is not mqtt://host:port or mqtts://host:port`);
  // It would end up in logs, and a device is known by its certificate.
  if (username || password) throw wrong('--broker takes no user name or password');
  if (protocol === 'mqtts:' && identity === undefined) throw wrong(`--broker ${url} needs --identity`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw wrong(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause));
  }
}

const wrong = (detail: string): WatchpostError => new WatchpostError('WP5024', { detail, hint: AGENT_USAGE });
