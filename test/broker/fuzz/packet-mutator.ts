import { generate, type Packet } from 'mqtt-packet';
import { connectPacket } from '#test/support/raw-mqtt.ts';
import { type Dice, mutateBytes, pick } from './json-mutator.ts';

const TOPICS = [
  'wp/1/fuzz/d1/up/alarm',
  'a',
  '/',
  'a//b',
  '$SYS/x',
  'wp/1/+/x',
  '#',
  'é/\u0000',
  'x'.repeat(600),
  '/'.repeat(150),
];
const FILTERS = [
  'wp/1/fuzz/d1/down/#',
  '#',
  '+',
  '+/+',
  'a/#/b',
  'a+',
  '',
  '$share/g/a',
  '$SYS/#',
  '/'.repeat(120),
  'x'.repeat(700),
];

/** A stream of packets of a client that means it, more or less. */
export function conversation(dice: Dice): Buffer {
  const packets = [hello(dice), ...Array.from({ length: dice(12) }, () => anything(dice))];
  return Buffer.concat(packets.map((packet) => bytesOf(packet)));
}

function hello(dice: Dice): Packet {
  const clientId = pick(
    dice,
    ['fuzz.d1', 'svc.fuzz', '', '__proto__', 'fuzz.d1.vda', 'x'.repeat(200), 'user.a.b'],
    'c',
  );
  const topic = pick(dice, TOPICS, 'a');
  const will =
    dice(3) === 0
      ? { will: { topic, payload: Buffer.alloc(dice(100)), qos: 1 as const, retain: false } }
      : {};
  return connectPacket({ clientId, clean: dice(3) > 0, keepalive: dice(3), ...will });
}

function anything(dice: Dice): Packet {
  const messageId = dice(65_536);
  const filters = Array.from({ length: 1 + dice(4) }, () => pick(dice, FILTERS, '#'));
  switch (dice(9)) {
    case 0:
      return {
        cmd: 'subscribe',
        messageId,
        subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
      };
    case 1:
      return { cmd: 'unsubscribe', messageId, unsubscriptions: filters };
    case 2:
      return { cmd: pick(dice, ['puback', 'pubrec', 'pubrel', 'pubcomp'], 'puback'), messageId };
    case 3:
      return { cmd: pick(dice, ['pingreq', 'disconnect'], 'pingreq') };
    case 4:
      return connectPacket({ clientId: 'again' });
    default:
      return {
        cmd: 'publish',
        ...{ topic: pick(dice, TOPICS, 'a'), payload: Buffer.alloc(dice(300), 0x7b), messageId },
        ...{ qos: pick(dice, [0, 1, 2] as const, 0), retain: dice(4) === 0, dup: false },
      };
  }
}

/** What mqtt-packet refuses to write, is written as near to it as can be. */
function bytesOf(packet: Packet): Buffer {
  try {
    return generate(packet);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return Buffer.from([0x30, 4, 0, 1, 0x61, 0]);
  }
}

/** Random bytes, or a conversation with some of them changed, or one that is whole. */
export function hostileStream(dice: Dice): Buffer {
  const kind = dice(4);
  if (kind === 0) return Buffer.from(Array.from({ length: 1 + dice(400) }, () => dice(256)));
  const talk = conversation(dice);
  return kind === 1 ? talk : mutateBytes(dice, flip(dice, talk));
}

function flip(dice: Dice, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let times = dice(4); times > 0; times--) changed[dice(changed.length)] = dice(256);
  return changed;
}

/** The same bytes in pieces. */
export function pieces(dice: Dice, bytes: Buffer): Buffer[] {
  const cuts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + dice(dice(3) === 0 ? 4 : bytes.length);
    cuts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cuts;
}
