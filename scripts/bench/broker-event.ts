import { systemClock } from '#contract/clock.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import { upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';

/** An event of a device that the site takes in, made larger by `padBytes`, and where it is published. */
export function eventOf(
  address: DeviceAddress,
  wpseq: number,
  padBytes: number,
): { readonly topic: string; readonly payload: string } {
  const data = {
    ...{ place: { label: 'North gate' }, sensor: 'water', value: 3, unit: 'cm', threshold: 2 },
    ...{ direction: 'above', reason: 'x'.repeat(padBytes) },
  };
  const envelope = {
    ...{
      specversion: '1.0',
      id: uuidv7(systemClock),
      source: sourceOf(address),
      type: 'wp.sensor.crossed.v1',
    },
    ...{
      time: new Date(systemClock.wallMs()).toISOString(),
      data,
      wpepoch: 'epoch-1',
      wpseq,
      wplane: 'event',
    },
    ...{ wpclock: 'synced', wpmono: '1', wpboot: 'boot-1' },
  };
  return { topic: upTopic(address, 'event'), payload: JSON.stringify(envelope) };
}
