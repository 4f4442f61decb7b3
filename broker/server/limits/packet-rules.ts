import { isUtf8 } from 'node:buffer';

/** What a packet breaks, by the number of the statement in MQTT 3.1.1 (OASIS, 29 October 2014). */
export interface PacketFault {
  readonly code: 'WP3128' | 'WP3140' | 'WP3141';
  /** `[MQTT-3.3.2-2] a topic with a wildcard` */
  readonly detail: string;
  /** Sent before the connection is closed; only an unsupported protocol level has an answer. */
  readonly answer: Buffer | null;
}

/** CONNACK with return code 1, unacceptable protocol level [MQTT-3.1.2-2]: what clients of MQTT 5 understand, too. */
const UNACCEPTABLE_LEVEL = Buffer.from([0x20, 2, 0, 1]);
const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

export const broken = (statement: string, what: string): PacketFault => ({
  code: 'WP3140',
  detail: `[MQTT-${statement}] ${what}`,
  answer: null,
});

/** No rule of the standard: each filter is work for the broker, and a packet has room for tens of thousands. */
const tooManyFilters = (maxFilters: number): PacketFault => ({
  code: 'WP3128',
  detail: `more than ${maxFilters}`,
  answer: null,
});

/** The body of a CONNECT (§3.1). */
export function connectFault(body: Buffer): PacketFault | null {
  const fields = new Fields(body);
  const name = fields.text();
  const level = fields.byte();
  if (name === null || level === null) return broken('3.1.4-1', 'a CONNECT cut short');
  if (name !== 'MQTT' && name !== 'MQIsdp') return broken('3.1.2-1', 'not the name of MQTT');
  if (level !== (name === 'MQTT' ? 4 : 3)) {
    return { code: 'WP3141', detail: `${name} level ${level}`, answer: UNACCEPTABLE_LEVEL };
  }
  const flags = fields.byte();
  if (flags === null || !fields.skip(2)) return broken('3.1.4-1', 'a CONNECT cut short');
  return connectFlagsFault(flags) ?? connectPayloadFault(fields, flags);
}

function connectFlagsFault(flags: number): PacketFault | null {
  const will = (flags & 0x04) !== 0;
  const willQos = (flags >> 3) & 3;
  if ((flags & 0x01) !== 0) return broken('3.1.2-3', 'the reserved flag is set');
  if (willQos === 3) return broken('3.1.2-14', 'a will with QoS 3');
  if (!will && willQos !== 0) return broken('3.1.2-13', 'a QoS without a will');
  if (!will && (flags & 0x20) !== 0) return broken('3.1.2-15', 'will retain without a will');
  const passwordAlone = (flags & 0xc0) === 0x40;
  return passwordAlone ? broken('3.1.2-22', 'a password without a user name') : null;
}

/** The fields that the flags announce, in their order, and nothing after them. */
function connectPayloadFault(fields: Fields, flags: number): PacketFault | null {
  const idFault = stringFault(fields, '3.1.3-3', 'the client id');
  if (idFault !== null) return idFault;
  if ((flags & 0x04) !== 0) {
    const topic = fields.string();
    const topicFault = topic === null ? broken('3.1.2-9', 'no will topic') : topicNameFault(topic);
    if (topicFault !== null) return topicFault;
    if (fields.string() === null) return broken('3.1.2-9', 'no will message');
  }
  if ((flags & 0x80) !== 0) {
    const userFault = stringFault(fields, '3.1.2-19', 'the user name');
    if (userFault !== null) return userFault;
  }
  if ((flags & 0x40) !== 0 && fields.string() === null) return broken('3.1.2-21', 'no password');
  return fields.left === 0 ? null : broken('3.1.4-1', 'fields that no flag announces');
}

/** The body of a PUBLISH as far as topic and packet id (§3.3); the payload is anything. */
export function publishFault(head: Buffer, flags: number): PacketFault | null {
  const qos = (flags >> 1) & 3;
  const fields = new Fields(head);
  const topic = fields.string();
  if (topic === null) return broken('3.3.2-1', 'no topic');
  const fault = topicNameFault(topic);
  return fault ?? (qos === 0 ? null : packetIdFault(fields));
}

/** The body of a SUBSCRIBE (§3.8). */
export function subscribeFault(body: Buffer, maxFilters: number): PacketFault | null {
  const fields = new Fields(body);
  const idFault = packetIdFault(fields);
  if (idFault !== null) return idFault;
  if (fields.left === 0) return broken('3.8.3-3', 'no filter');
  for (let filters = 1; fields.left > 0; filters++) {
    if (filters > maxFilters) return tooManyFilters(maxFilters);
    const fault = nextFilterFault(fields, '3.8.3-1');
    if (fault !== null) return fault;
    const options = fields.byte();
    if (options === null) return broken('3.8.3-3', 'a filter without a QoS');
    // This statement is spelled so in the standard.
    if (options > 2) return broken('3-8.3-4', `requested QoS ${options}`);
  }
  return null;
}

/** The body of an UNSUBSCRIBE (§3.10). */
export function unsubscribeFault(body: Buffer, maxFilters: number): PacketFault | null {
  const fields = new Fields(body);
  const idFault = packetIdFault(fields);
  if (idFault !== null) return idFault;
  if (fields.left === 0) return broken('3.10.3-2', 'no filter');
  for (let filters = 1; fields.left > 0; filters++) {
    if (filters > maxFilters) return tooManyFilters(maxFilters);
    const fault = nextFilterFault(fields, '3.10.3-1');
    if (fault !== null) return fault;
  }
  return null;
}

/** The body of PUBACK, PUBREC, PUBREL and PUBCOMP: a packet id and nothing else. */
export function acknowledgementFault(body: Buffer): PacketFault | null {
  const fields = new Fields(body);
  const fault = packetIdFault(fields);
  return fault ?? (fields.left === 0 ? null : broken('4.8.0-1', 'bytes after the packet id'));
}

function packetIdFault(fields: Fields): PacketFault | null {
  const id = fields.number();
  if (id === null) return broken('2.3.1-1', 'no packet id');
  return id === 0 ? broken('2.3.1-1', 'packet id 0') : null;
}

function stringFault(fields: Fields, statement: string, what: string): PacketFault | null {
  const text = fields.string();
  return text === null ? broken(statement, `no place for ${what}`) : utf8Fault(text);
}

function nextFilterFault(fields: Fields, statement: string): PacketFault | null {
  const filter = fields.string();
  return filter === null ? broken(statement, 'a filter cut short') : filterFault(filter);
}

function topicNameFault(topic: Buffer): PacketFault | null {
  if (topic.length === 0) return broken('4.7.3-1', 'an empty topic');
  // By index: every message passes here, and with iterators a packet took 460 ns instead of 180.
  for (let at = 0; at < topic.length; at++) {
    if (topic[at] === HASH || topic[at] === PLUS) return broken('3.3.2-2', 'a topic with a wildcard');
  }
  return utf8Fault(topic);
}

/** `#` stands at the end and alone in its level, `+` alone in its level [MQTT-4.7.1-2], [MQTT-4.7.1-3]. */
function filterFault(filter: Buffer): PacketFault | null {
  if (filter.length === 0) return broken('4.7.3-1', 'an empty filter');
  for (const [at, byte] of filter.entries()) {
    if (byte !== HASH && byte !== PLUS) continue;
    const opens = at === 0 || filter[at - 1] === SLASH;
    const ends = at === filter.length - 1;
    if (byte === HASH && !(opens && ends)) return broken('4.7.1-2', '# is not a whole last level');
    if (byte === PLUS && !(opens && (ends || filter[at + 1] === SLASH))) {
      return broken('4.7.1-3', '+ is not a whole level');
    }
  }
  return utf8Fault(filter);
}

/** Well-formed, without surrogates and without U+0000 [MQTT-1.5.3-1], [MQTT-1.5.3-2]. */
function utf8Fault(text: Buffer): PacketFault | null {
  let plain = true;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (byte === 0) return broken('1.5.3-2', 'U+0000 in a string');
    if (byte > 0x7f) plain = false;
  }
  return plain || isUtf8(text) ? null : broken('1.5.3-1', 'a string that is not UTF-8');
}

/** Reads a body from its start; null where it ends too early. */
class Fields {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get left(): number {
    return this.#body.length - this.#at;
  }

  byte(): number | null {
    return this.#body[this.#at++] ?? null;
  }

  number(): number | null {
    if (this.left < 2) return null;
    this.#at += 2;
    return this.#body.readUInt16BE(this.#at - 2);
  }

  /** Length in two bytes, then so many. */
  string(): Buffer | null {
    const length = this.number();
    if (length === null || length > this.left) return null;
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  text(): string | null {
    return this.string()?.toString('latin1') ?? null;
  }

  skip(bytes: number): boolean {
    this.#at += bytes;
    return this.left >= 0;
  }
}
