import { BUNDLE_BLOB_PREFIX } from '#contract/fetch.ts';
import { clientIdOf } from '#contract/names.ts';
import { TALK_BLOB_PREFIX } from '#contract/talk.ts';
import { parseTopic } from '#contract/topics.ts';
import type { SessionSubscription } from './mqtt-subscriptions.ts';

/** Cheaper than reading the topic of everything that the site says. */
const FOR_ONE = [`/down/blob/${TALK_BLOB_PREFIX}`, `/down/blob/${BUNDLE_BLOB_PREFIX}`];

/**
 * Of those who subscribe to this topic, who gets a queue for it: what a dispatcher says, and a bundle, go to the device
 * that they are for and wait, perhaps on disk, for nobody else who listens to everything.
 */
export function hearersOf(
  topic: string,
  subscriptions: readonly SessionSubscription[],
): readonly SessionSubscription[] {
  if (!FOR_ONE.some((part) => topic.includes(part))) return subscriptions;
  const parsed = parseTopic(topic);
  if (parsed === null) return subscriptions;
  const device = clientIdOf(parsed);
  return subscriptions.filter(({ clientId }) => clientId === device);
}
