import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type DeviceAddress, NAME_PATTERN } from '#contract/names.ts';
import { readCard } from './profile/card.ts';

/** How one agent was started. */
export interface AgentSettings {
  readonly address: DeviceAddress;
  /** The device's own folder: journal, resolved profile, rendered voice, evidence. */
  readonly dataDir: string;
  readonly brokers: readonly [string, ...string[]];
  /** Key, certificate and CA; null with plain mqtt://. */
  readonly identityDir: string | null;
  /** Absent where the device runs from a prepared folder. */
  readonly card?: CardSettings;
}

/** A device's folder with slots (contract/device-card.ts). */
export interface CardSettings {
  readonly dir: string;
  /** Further folders that bundles come by. */
  readonly inboxes: readonly string[];
}

export const AGENT_USAGE = `Usage: scripts/watchpost agent --profile FILE [--site-file FILE] --device ID --site ID --data DIR --broker URL[,URL] [--identity DIR]
       scripts/watchpost agent --card DIR [--broker URL[,URL]] [--inbox DIR]

  --card DIR        the device's folder as \`provision\` makes it: name, brokers, identity and bundles come from there
  --inbox DIR       with --card: a further folder that bundles come by, such as a mounted boot partition
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
  card: { type: 'string' },
  inbox: { type: 'string' },
} as const;

/** @throws WatchpostError WP5024 saying what is missing or wrong, WP4211 where a card is none */
export function readSettings(args: readonly string[]): AgentSettings {
  const options = parse(args);
  return options.card === undefined ? preparedSettings(options) : cardSettings(options.card, options);
}

type Options = ReturnType<typeof parse>;

function preparedSettings({ profile, device, site, data, broker, identity, inbox }: Options): AgentSettings {
  if (inbox !== undefined) throw wrong('--inbox belongs to --card');
  const missing = Object.entries({ profile, device, site, data, broker }).find(([, value]) => !value)?.[0];
  if (missing !== undefined || !device || !site || !data || !broker) throw wrong(`--${missing} is missing`);
  for (const [option, name] of Object.entries({ device, site })) {
    if (!NAME_PATTERN.test(name)) throw wrong(`--${option} ${name} is not 1 to 32 of a-z, 0-9 and -`);
  }
  return {
    address: { site, device },
    dataDir: resolve(data),
    brokers: brokersOf(broker, identity),
    identityDir: identity === undefined ? null : resolve(identity),
  };
}

function cardSettings(card: string, { broker, inbox, ...others }: Options): AgentSettings {
  const named = Object.entries(others).find(([name, value]) => name !== 'card' && value !== undefined)?.[0];
  if (named !== undefined) throw wrong(`--${named} comes from the card: leave it out`);
  const dir = resolve(card);
  const { site, device, brokers, inbox: further } = readCard(dir);
  const identity = join(dir, CARD.identity);
  const identityDir = existsSync(identity) ? identity : null;
  return {
    address: { site, device },
    dataDir: join(dir, CARD.data),
    brokers: brokersOf(broker ?? brokers.join(','), identityDir ?? undefined),
    identityDir,
    card: {
      dir,
      inboxes: [inbox, further].filter((each) => each !== undefined).map((each) => resolve(each)),
    },
  };
}

function brokersOf(text: string, identity: string | undefined): [string, ...string[]] {
  const [first, ...others] = text.split(',').map((url) => url.trim());
  if (!first || others.includes('')) throw wrong(`--broker ${text} has an empty address`);
  for (const url of [first, ...others]) requireBroker(url, identity);
  return [first, ...others];
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
