import type { DeviceClock } from '#agent/ports/clock.ts';
import { type Envelope, MAX_ENVELOPE_BYTES } from '#contract/envelope.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import type { Lane } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';

/** Everything of an event but its place in the journal. Taken when the event happens. */
export type Draft = Pick<
  Envelope,
  'specversion' | 'id' | 'source' | 'type' | 'time' | 'data' | 'wplane' | 'wpclock' | 'wpmono' | 'wpboot'
>;

/** Dates and names events, and writes them as the JSON that goes over the wire. */
export class Envelopes {
  readonly #source: string;
  readonly #clock: DeviceClock;
  /** The second written last, up to the point. */
  #second = { at: Number.NaN, text: '' };

  constructor(address: DeviceAddress, clock: DeviceClock) {
    this.#source = sourceOf(address);
    this.#clock = clock;
  }

  draft(lane: Lane, type: string, data: Record<string, unknown>, id = uuidv7(this.#clock)): Draft {
    return {
      specversion: '1.0',
      id,
      source: this.#source,
      type,
      time: this.#time(this.#clock.wallMs()),
      data,
      wplane: lane,
      wpclock: this.#clock.quality(),
      wpmono: withThreeDecimals(this.#clock.sinceBootMs()),
      wpboot: this.#clock.bootId,
    };
  }

  /** RFC 3339. A calendar costs more than all the rest of an event: asked once a second. */
  #time(ms: number): string {
    const at = Math.floor(ms / 1000);
    if (at !== this.#second.at) this.#second = { at, text: new Date(at * 1000).toISOString().slice(0, -4) };
    return `${this.#second.text}${threeDigits(Math.floor(ms) - at * 1000)}Z`;
  }
}

/** As `toFixed(3)`, in whole numbers: several times as fast. */
function withThreeDecimals(ms: number): string {
  const micros = Math.round(ms * 1000);
  return `${Math.floor(micros / 1000)}.${threeDigits(micros % 1000)}`;
}

const threeDigits = (below1000: number): string => String(1000 + below1000).slice(1);

/**
 * The JSON of an event, of as few strings as can be, for a burst of events waits for it. Joined: what is concatenated
 * has to be copied together piece by piece when it is stored.
 */
export function written(draft: Draft, epoch: string, seq: number): string {
  const { id, time, data, wpmono } = draft;
  const { beforeTime, beforeMono, beforeSeq } = frameOf(draft, epoch);
  const json = JSON.stringify(data);
  return [HEAD, id, beforeTime, time, '","data":', json, beforeMono, wpmono, beforeSeq, seq, '}'].join('');
}

const HEAD = '{"specversion":"1.0","id":"';

/** What two events of the same type in a row have in common. */
interface Frame {
  readonly of: Pick<Draft, 'source' | 'type' | 'wplane' | 'wpclock' | 'wpboot'>;
  readonly epoch: string;
  readonly beforeTime: string;
  readonly beforeMono: string;
  readonly beforeSeq: string;
}

let lastFrame: Frame | null = null;

function frameOf(draft: Draft, epoch: string): Frame {
  if (lastFrame === null || !fits(lastFrame, draft, epoch)) lastFrame = framed(draft, epoch);
  return lastFrame;
}

const fits = ({ of, epoch: own }: Frame, draft: Draft, epoch: string): boolean =>
  own === epoch &&
  of.type === draft.type &&
  of.wplane === draft.wplane &&
  of.wpclock === draft.wpclock &&
  of.source === draft.source &&
  of.wpboot === draft.wpboot;

function framed(draft: Draft, epoch: string): Frame {
  const { source, type, wplane, wpclock, wpboot } = draft;
  return {
    of: { source, type, wplane, wpclock, wpboot },
    epoch,
    beforeTime: ['","source":', JSON.stringify(source), ',"type":"', type, '","time":"'].join(''),
    beforeMono: [',"wplane":"', wplane, '","wpclock":"', wpclock, '","wpmono":"'].join(''),
    beforeSeq: ['","wpboot":', JSON.stringify(wpboot), ',"wpepoch":"', epoch, '","wpseq":'].join(''),
  };
}

/** An alarm that has no place in the journal. */
export const unstored = (draft: Draft, epoch: string): string =>
  JSON.stringify({ ...draft, wpepoch: epoch, wpstored: false });

/** The same event at another place: a new epoch has begun. */
export function moved(body: string, epoch: string, seq: number): string {
  const event: Record<string, unknown> = JSON.parse(body);
  return JSON.stringify({ ...event, wpepoch: epoch, wpseq: seq });
}

/** UTF-8 of one UTF-16 unit. */
const MOST_BYTES_A_UNIT = 3;

/** Throws WP2002 when the site would refuse the event for its size. */
export function checkSize(body: string, type: string): void {
  if (body.length * MOST_BYTES_A_UNIT <= MAX_ENVELOPE_BYTES) return;
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_ENVELOPE_BYTES) throw new WatchpostError('WP2002', { detail: `${type}, ${bytes} bytes` });
}
