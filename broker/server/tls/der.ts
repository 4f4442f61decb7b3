import { WatchpostError } from '#contract/errors.ts';

/** One element of DER (ITU-T X.690 §8.1): its tag, its content, and all of it with the header. */
export interface Element {
  readonly tag: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  objectId: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The elements that stand one after another in `bytes`. Throws WP3315 when they do not. */
export function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes.subarray(at));
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The next element; throws WP3315 when there is none or it has another tag. */
export function take(elements: Element[], tag: number): Element {
  const element = elements.shift();
  if (element?.tag === tag) return element;
  throw new WatchpostError('WP3315', { detail: `tag ${element?.tag ?? 'none'} instead of ${tag}` });
}

/** The next element if it has this tag. */
export const takeIf = (elements: Element[], tag: number): Element | null =>
  elements[0]?.tag === tag ? (elements.shift() ?? null) : null;

function elementAt(bytes: Buffer): Element {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw cutOff();
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4 || bytes.length < 2 + lengthBytes) throw cutOff();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) throw cutOff();
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

const cutOff = () => new WatchpostError('WP3315', { detail: 'not DER, or cut off' });
