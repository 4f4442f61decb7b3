import t from 'tap';
import { Envelope } from '#contract/envelope.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { EVENT_LANES, isEventType } from '#contract/event-types.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const clock = new ManualClock();
const event = () => ({
  specversion: '1.0',
  id: uuidv7(clock),
  source: '/wp/demo/pillar-001',
  type: 'wp.panic.pressed.v1',
  time: '2026-01-01T00:00:00.000Z',
  data: { place: { label: 'here' }, input: 'button', cause: 'edge', edges: 1 },
  wpepoch: 'e1',
  wpseq: 1,
  wplane: 'alarm',
  wpclock: 'synced',
  wpmono: '12.5',
  wpboot: 'b1',
});

t.test('an event with every extension is accepted, and unknown fields are kept', async (t) => {
  const parsed = Envelope.parse({ ...event(), traceparent: '00-x' });
  t.equal(parsed.traceparent, '00-x');
});

t.test('only an alarm that could not be stored may lack its sequence number', async (t) => {
  const { wpseq, ...without } = event();
  t.equal(wpseq, 1);
  t.equal(Envelope.safeParse(without).success, false);
  t.equal(Envelope.safeParse({ ...without, wpstored: false }).success, true);
});

t.test('what does not fit is refused', async (t) => {
  const wrong: Record<string, unknown>[] = [
    { specversion: '0.3' },
    { id: 'not-a-uuid' },
    { source: '/wp/demo' },
    { source: '/wp/Demo/pillar' },
    { type: 'panic' },
    { type: 'wp.panic.pressed' },
    { time: '2026-01-01T00:00:00Z' },
    { time: '2026-01-01T00:00:00.000+08:00' },
    { wpseq: 0 },
    { wpseq: 2 ** 31 },
    { wplane: 'other' },
    { wpclock: 'fine' },
    { wpmono: '-1' },
    { data: 'text' },
  ];
  for (const part of wrong) {
    t.equal(Envelope.safeParse({ ...event(), ...part }).success, false, JSON.stringify(part));
  }
});

t.test('every event type has a lane and a schema for its data', async (t) => {
  t.same(Object.keys(EVENT_DATA).sort(), Object.keys(EVENT_LANES).sort());
  t.equal(isEventType('constructor'), false);
});
