import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** A UUIDv7 (RFC 9562 §5.7) dated by `clock`; ids of one process sort in the order they were made. */
export function uuidv7(clock: Clock): string {
  return v7({ msecs: Math.max(0, Math.floor(clock.wallMs())), seq: nextSequence() });
}

let sequence = Math.floor(Math.random() * 0x3fff_ffff);

/** Monotonic 32-bit counter, so that ids made within one millisecond, or while the clock goes back, differ. */
function nextSequence(): number {
  sequence = (sequence + 1) >>> 0;
  return sequence;
}
