import * as z from 'zod';
import type { ErrorCode } from '#contract/errors.ts';
import { type DeviceAddress, Name } from '#contract/names.ts';
import {
  DOWN_CHANNELS,
  parseTopic,
  TOPIC_ROOT,
  UP_CHANNELS,
  VDA_CONTROL_TOPICS,
  VDA_INTERFACES,
  VDA_MAJOR_VERSIONS,
  VDA_MANUFACTURER,
  VDA_RETAINED_TOPICS,
  VDA_ROBOT_TOPICS,
  vdaTopic,
} from '#contract/topics.ts';
import type { Identity } from './identity.ts';
import { mayDo, type Person } from './roles.ts';
import { covers, isTopicFilter, isTopicName } from './topic-cover.ts';

const Level = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'use 1 to 64 of A-Z, a-z, 0-9 and _.:-');
const Filter = z.string().refine(isTopicFilter, { error: 'use an MQTT topic filter' });
/** The wire's own topics belong to devices and to the site, whatever a configuration says. */
const OwnFilter = Filter.refine((filter) => !/^(\+|#|\$|wp(\/|$))/.test(filter), {
  error: 'services publish under a first level of their own, never under wp, $ or a wildcard',
});
const Filters = z.array(Filter).max(64);
const OwnFilters = z.array(OwnFilter).max(64);

/** What a certificate `svc.{name}` may do, where it is to be more or less than listening to the wire (`services`). */
export const ServiceGrant = z.strictObject({
  name: Name,
  listen: Filters.default([`${TOPIC_ROOT}/#`]),
  publish: OwnFilters.default([]),
  /** What it may publish with the retain flag. */
  retain: OwnFilters.default([]),
});
export type ServiceGrant = z.infer<typeof ServiceGrant>;

/** The levels in front of a robot's own in VDA 5050 topics (`vda5050`); the serial number is the robot's client id. */
export const VdaSettings = z.strictObject({
  interfaces: z
    .array(Level)
    .min(1)
    .max(8)
    .default([...VDA_INTERFACES]),
  manufacturers: z.array(Level).min(1).max(8).default([VDA_MANUFACTURER]),
});
export type VdaSettings = z.infer<typeof VdaSettings>;

export interface TopicAccessSettings {
  readonly services: readonly ServiceGrant[];
  readonly vda5050: VdaSettings;
}

export const DEFAULT_TOPIC_ACCESS: TopicAccessSettings = { services: [], vda5050: VdaSettings.parse({}) };

/** What somebody may do, as topic filters. `retain` is what may be published with the retain flag. */
export interface Grants {
  readonly publish: readonly string[];
  readonly retain: readonly string[];
  readonly subscribe: readonly string[];
}

export interface Publication {
  readonly topic: string;
  readonly retain: boolean;
}

const NOTHING: Grants = { publish: [], retain: [], subscribe: [] };

/** Who may publish and hear what: one table for connections, last wills, and sessions that are kept. */
export class TopicAccess {
  readonly #settings: TopicAccessSettings;
  readonly #granted = new WeakMap<Identity, Grants>();

  constructor(settings: TopicAccessSettings = DEFAULT_TOPIC_ACCESS) {
    this.#settings = settings;
  }

  /** Why this may not be published, or null when it may. */
  refusePublish(identity: Identity, { topic, retain }: Publication): ErrorCode | null {
    if (!isTopicName(topic)) return 'WP1011';
    if (identity.kind === 'open') return isOfBroker(topic) ? 'WP1011' : null;
    if (topic.startsWith('$')) return 'WP1011';
    const { publish, retain: retained } = this.grants(identity);
    const granted = retain ? retained : publish;
    if (granted.some((filter) => covers(filter, topic)) && this.#isTheirs(identity, topic)) return null;
    return isOfAnother(identity, topic) ? 'WP1010' : 'WP1011';
  }

  /** Why this filter may not be subscribed, or null when it may. */
  refuseSubscribe(identity: Identity, filter: string): ErrorCode | null {
    if (!isTopicFilter(filter)) return 'WP1012';
    if (identity.kind === 'open') return isOfBroker(filter) ? 'WP1012' : null;
    return this.grants(identity).subscribe.some((granted) => covers(granted, filter)) ? null : 'WP1012';
  }

  /** The row of the table for this identity. */
  grants(identity: Identity): Grants {
    const known = this.#granted.get(identity);
    if (known !== undefined) return known;
    const made = this.#make(identity);
    this.#granted.set(identity, made);
    return made;
  }

  #make(identity: Identity): Grants {
    switch (identity.kind) {
      case 'device':
        return deviceGrants(identity.address);
      case 'vehicle':
        return this.#vehicleGrants(identity.address);
      case 'service':
        return this.#serviceGrants(identity.name);
      case 'person':
        return personGrants(identity.person);
      case 'nobody':
        return NOTHING;
      case 'open':
        return { publish: ['#'], retain: ['#'], subscribe: ['#'] };
    }
  }

  #vehicleGrants(address: DeviceAddress): Grants {
    const { interfaces, manufacturers } = this.#settings.vda5050;
    const roots = interfaces.flatMap((interfaceName) =>
      VDA_MAJOR_VERSIONS.flatMap((majorVersion) =>
        manufacturers.map((manufacturer) => ({ interfaceName, majorVersion, manufacturer })),
      ),
    );
    return {
      publish: roots.flatMap((root) => VDA_ROBOT_TOPICS.map((topic) => vdaTopic(address, root, topic))),
      retain: roots.flatMap((root) => VDA_RETAINED_TOPICS.map((topic) => vdaTopic(address, root, topic))),
      subscribe: roots.flatMap((root) => VDA_CONTROL_TOPICS.map((topic) => vdaTopic(address, root, topic))),
    };
  }

  #serviceGrants(name: string | null): Grants {
    const configured = this.#settings.services.find((service) => service.name === name);
    if (configured === undefined) return { ...NOTHING, subscribe: [`${TOPIC_ROOT}/#`] };
    const { publish, retain, listen } = configured;
    return { publish, retain, subscribe: listen };
  }

  /** Deny beats grant: what a robot says in VDA 5050 is said by that robot alone. */
  #isTheirs(identity: Identity, topic: string): boolean {
    if (identity.kind === 'device' || identity.kind === 'vehicle') return true;
    const [first = '', , , , said = ''] = topic.split('/');
    return (
      !this.#settings.vda5050.interfaces.includes(first) || !VDA_ROBOT_TOPICS.some((each) => each === said)
    );
  }
}

/** Under its own `up/` any channel (one that is not of the wire is filed and confirmed), retained its state alone. */
function deviceGrants({ site, device }: DeviceAddress): Grants {
  const base = `${TOPIC_ROOT}/${site}/${device}`;
  return { publish: [`${base}/up/+/#`], retain: [`${base}/up/state`], subscribe: [`${base}/down/#`] };
}

/** People listen; what they do goes over HTTP, where it is written down. */
function personGrants(person: Person): Grants {
  const every = `${TOPIC_ROOT}/+/+`;
  const words = [
    ...UP_CHANNELS.map((channel) => `${every}/up/${channel}`),
    ...DOWN_CHANNELS.map((channel) => `${every}/down/${channel}`),
  ];
  return {
    ...NOTHING,
    subscribe: [
      ...(mayDo(person, 'read') ? words : []),
      ...(mayDo(person, 'evidence') ? [`${every}/up/#`] : []),
      ...(mayDo(person, 'system') ? ['$SYS/#'] : []),
    ],
  };
}

/** A topic by which some device speaks up, and not this one. */
function isOfAnother(identity: Identity, topic: string): boolean {
  const parsed = parseTopic(topic);
  if (parsed?.direction !== 'up') return false;
  if (identity.kind !== 'device') return true;
  return parsed.site !== identity.address.site || parsed.device !== identity.address.device;
}

/** `$SYS/#`: what the broker says of itself. */
const isOfBroker = (topicOrFilter: string): boolean => /^\$SYS(\/|$)/.test(topicOrFilter);
