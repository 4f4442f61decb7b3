import type { ErrorCode } from '#contract/errors.ts';
import { addressOfClientId, type DeviceAddress } from '#contract/names.ts';
import { parseTopic, TOPIC_ROOT } from '#contract/topics.ts';

/**
 * Who a connection is. A device is its client id `{site}.{device}`; with TLS that must be the certificate's CN. A
 * service (`svc.x` is none of the two-name form, a tool with another id) listens; `open` stands for anybody in the
 * mode for conformance tools.
 */
export type Identity =
  | { readonly kind: 'device'; readonly address: DeviceAddress }
  | { readonly kind: 'service' }
  | { readonly kind: 'open' };

/** First halves of client ids that are not sites. */
const SERVICE_PREFIX = 'svc.';

/** Plain MQTT on loopback: the client id is believed. */
export function identityOf(clientId: string): Identity {
  if (clientId.startsWith(SERVICE_PREFIX)) return { kind: 'service' };
  const address = addressOfClientId(clientId);
  return address === null ? { kind: 'service' } : { kind: 'device', address };
}

/** With TLS the certificate speaks: the client id must be its CN, and only a CN of `svc.…` is a service. */
export function identityOfCertificate(commonName: string, clientId: string): Identity | null {
  if (commonName !== clientId) return null;
  const identity = identityOf(clientId);
  return identity.kind === 'device' || clientId.startsWith(SERVICE_PREFIX) ? identity : null;
}

export interface Publication {
  readonly topic: string;
  readonly retain: boolean;
}

/** Why this may not be published, or null when it may. */
export function refusePublish(identity: Identity, { topic, retain }: Publication): ErrorCode | null {
  if (topic.startsWith('$')) return 'WP1011';
  if (identity.kind === 'open') return null;
  if (identity.kind === 'service') return isUpward(topic) ? 'WP1010' : 'WP1011';
  return refuseDevice(identity.address, topic, retain);
}

function refuseDevice({ site, device }: DeviceAddress, topic: string, retain: boolean): ErrorCode | null {
  const root = `${TOPIC_ROOT}/${site}/${device}/`;
  if (!topic.startsWith(root)) return isUpward(topic) ? 'WP1010' : 'WP1011';
  if (!topic.startsWith(`${root}up/`)) return 'WP1011';
  return retain && topic !== `${root}up/state` ? 'WP1011' : null;
}

const isUpward = (topic: string): boolean => parseTopic(topic)?.direction === 'up';

/** Why this filter may not be subscribed, or null when it may. */
export function refuseSubscribe(identity: Identity, filter: string): ErrorCode | null {
  if (identity.kind === 'open') return filter.startsWith('$SYS') ? 'WP1012' : null;
  if (identity.kind === 'service') return filter.startsWith(`${TOPIC_ROOT}/`) ? null : 'WP1012';
  const { site, device } = identity.address;
  return filter.startsWith(`${TOPIC_ROOT}/${site}/${device}/down/`) ? null : 'WP1012';
}
