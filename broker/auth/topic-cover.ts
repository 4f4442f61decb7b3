/**
 * Whether every topic that `filter` can match is matched by `grant` (MQTT 3.1.1 §4.7). A topic is a filter without
 * wildcards. A grant that begins with a wildcard does not reach `$…` [MQTT-4.7.2-1].
 */
export function covers(grant: string, filter: string): boolean {
  if (grant.startsWith('$') !== filter.startsWith('$')) return false;
  const asked = filter.split('/');
  const granted = grant.split('/');
  for (const [index, level] of granted.entries()) {
    if (level === '#') return true;
    const want = asked[index];
    if (want === undefined || want === '#') return false;
    if (level !== '+' && level !== want) return false;
  }
  return asked.length === granted.length;
}

/** Longest topic on the wire, in bytes of UTF-8 (MQTT 3.1.1 §1.5.3). */
const TOPIC_MAX_BYTES = 65_535;

/** A topic name that may be published on: not empty, without wildcards and NUL [MQTT-3.3.2-2, MQTT-4.7.3-1, -2]. */
export const isTopicName = (topic: string): boolean =>
  topic !== '' && !/[+#]/.test(topic) && !topic.includes('\0') && Buffer.byteLength(topic) <= TOPIC_MAX_BYTES;

/** A filter whose wildcards stand where they may [MQTT-4.7.1-2, MQTT-4.7.1-3]. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || filter.includes('\0') || Buffer.byteLength(filter) > TOPIC_MAX_BYTES) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}
