import { EVENT_LANES, EVENT_TYPES } from '#contract/event-types.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { sourceOf } from '#contract/names.ts';
import { LANES, upTopic } from '#contract/topics.ts';

/** Whole numbers from 0 to below the argument, repeatable. */
export type Dice = (below: number) => number;

export const pick = <T>(dice: Dice, from: readonly T[], otherwise: T): T =>
  from[dice(from.length)] ?? otherwise;

/** A message as a device would send it, before anything happens to it. */
export interface Sketch {
  readonly topic: string;
  readonly body: Record<string, unknown>;
}

/** What a number, a text or a whole subtree may become. As JSON text, for some of it no value could say. */
const ODDITIES: readonly string[] = [
  ...['null', 'true', '""', '[]', '{}', '0', '-0', '-1', '1.5', '1e308', '1e400', '-1e400', '5e-324'],
  ...['9007199254740993', '2147483648', '99999999999999999999999999', '1e21', '4294967296.5'],
  ...['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\u2028"', '"__proto__"', '"constructor"', '"../../x"'],
  ...['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '{"toString":1}'],
  ...['{"a":1,"a":2}', '[[[[[[[[1]]]]]]]]', '{"length":-1}', '"1970-01-01T00:00:00.000Z"', '"+275760-09-13"'],
  ...['"9999-12-31T23:59:59.999Z"', '"-000001-01-01T00:00:00.000Z"', '"2026-02-30T00:00:00.000Z"'],
];
const MARK = '@odd@';
const DEEP = 10_000;

export function sketch(dice: Dice, address: DeviceAddress, seq: number): Sketch {
  const kind = dice(10);
  if (kind === 0) return { topic: upTopic(address, 'state'), body: state(dice) };
  if (kind === 1) {
    const body = {
      id: `c${dice(9)}`,
      name: 'siren',
      ok: true,
      at: '2026-11-22T00:00:00.000Z',
      result: { a: 1 },
    };
    return { topic: upTopic(address, 'reply'), body };
  }
  const type = pick(dice, EVENT_TYPES, 'wp.panic.pressed.v1');
  const lane = EVENT_LANES[type];
  return {
    topic: upTopic(address, dice(20) === 0 ? pick(dice, LANES, lane) : lane),
    body: envelope(dice, address, type, seq),
  };
}

function envelope(dice: Dice, address: DeviceAddress, type: keyof typeof EVENT_LANES, seq: number) {
  const hex = (digits: number) => Array.from({ length: digits }, () => dice(16).toString(16)).join('');
  return {
    specversion: '1.0',
    id: `0193e0f0-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`,
    source: sourceOf(address),
    type,
    time: '2026-11-22T07:00:00.000Z',
    data: dataOf(dice),
    ...{
      wpepoch: `e${dice(3)}`,
      wpseq: seq,
      wplane: EVENT_LANES[type],
      wpclock: pick(dice, ['synced', 'unset'], 'synced'),
    },
    ...{ wpmono: String(dice(1e6)), wpboot: `b${dice(3)}` },
    ...(dice(8) === 0 ? { wpstored: false } : {}),
  };
}

const SOME_ID = '0193e0f0-0000-7000-8000-000000000000';

/** Something of every type's data, so that each type's schema is met where nothing is changed. */
const dataOf = (dice: Dice) => ({
  place: { label: 'North gate', latitude: 31.2, longitude: 121.5, floor: '1' },
  ...{ input: 'button', cause: 'edge', edges: 1, pressId: SOME_ID, heldMs: 10, testId: SOME_ID },
  ...{ part: 'camera', state: 'failed', passed: true, checks: [{ name: 'lamp', passed: true }] },
  ...{ epoch: `e${dice(3)}`, lane: 'event', from: 1 + dice(5), to: 6 + dice(50), previousEpoch: null },
  ...{
    reason: pick(dice, ['space', 'new', 'restart'], 'space'),
    device: 'fuzz.d1',
    lastSeenAt: null,
    intervalS: 1,
  },
  ...{ sensor: 'water', value: 3, threshold: 2, unit: 'cm', direction: 'above', sentMs: 1, receivedMs: 2 },
  ...{ objectId: `o${dice(5)}`, box: [0, 0, 1, 1], score: 0.5, t: 1, since: 0, camera: 'front' },
  ...{ name: 'entrance', people: 7, limit: 5, crossings: 2, fault: 'dark', clip: blob(dice) },
  samples: [{ sensor: 'water', value: 3, unit: 'cm', time: '2026-11-22T07:00:00.000Z', mono: '1' }],
  ...(dice(3) === 0 ? { picture: blob(dice) } : {}),
});

const blob = (dice: Dice) => ({
  ...{ blobId: `blob-${dice(3)}`, mediaType: 'image/jpeg', bytes: 1 + dice(99), pieces: 1 + dice(3) },
  sha256: 'a'.repeat(64),
});

const state = (dice: Dice) => ({
  ...{
    online: true,
    boot: dice(5),
    conn: dice(5),
    bootId: 'b1',
    supervisionS: 30,
    place: { label: 'North gate' },
  },
  profile: { name: 'roadside', version: 1, kind: 'pillar' },
  lanes: {
    alarm: { epoch: `e${dice(3)}`, oldest: 1, newest: 2 },
    event: { epoch: 'e', oldest: 0, newest: 0 },
  },
  clock: { quality: 'synced', time: '2026-11-22T07:00:00.000Z' },
  health: { camera: 'ok' },
});

/** The body with some of its parts changed, and then, now and then, its bytes. */
export function mutateJson(dice: Dice, body: Record<string, unknown>): Buffer {
  const changed: unknown = JSON.parse(JSON.stringify(body));
  for (let times = dice(4); times > 0; times--) change(dice, changed);
  let text = JSON.stringify(changed);
  while (text.includes(`"${MARK}"`)) text = text.replace(`"${MARK}"`, () => oddity(dice));
  return mutateBytes(dice, Buffer.from(text));
}

/** Sets one place of the tree to a mark, removes it, or adds one. */
function change(dice: Dice, tree: unknown): void {
  if (typeof tree !== 'object' || tree === null) return;
  const keys = Object.keys(tree);
  const key = pick(dice, keys, 'added');
  const inner: unknown = Reflect.get(tree, key);
  if (typeof inner === 'object' && inner !== null && dice(3) > 0) change(dice, inner);
  else if (dice(6) === 0) Reflect.deleteProperty(tree, key);
  else Reflect.set(tree, dice(8) === 0 ? `added-${dice(9)}` : key, MARK);
}

function oddity(dice: Dice): string {
  const kind = dice(40);
  if (kind === 0) return '['.repeat(DEEP) + ']'.repeat(DEEP);
  if (kind === 1) return `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`;
  if (kind === 2) return JSON.stringify('x'.repeat(64 * 1024));
  if (kind === 3) return JSON.stringify('界'.repeat(dice(200)));
  return pick(dice, ODDITIES, 'null');
}

/** Mostly nothing; else bytes changed, cut off, doubled, or no UTF-8 at all. */
export function mutateBytes(dice: Dice, bytes: Buffer): Buffer {
  const kind = dice(14);
  const at = dice(bytes.length + 1);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes, bytes]);
  if (kind === 2) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
  if (kind === 3)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0x80]), bytes.subarray(at)]);
  if (kind > 5) return bytes;
  const changed = Buffer.from(bytes);
  for (let times = 1 + dice(5); times > 0; times--) changed[dice(changed.length)] = dice(256);
  return changed;
}
