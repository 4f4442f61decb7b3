import t from 'tap';
import { ringingAfter } from '#broker/console/state/ringing.ts';
import { sampleIncident } from './samples.ts';

const NONE: ReadonlySet<string> = new Set();
const RINGS: ReadonlySet<string> = new Set(['a']);
const open = sampleIncident({ id: 'a' });
const taken = sampleIncident({ ...open, rev: 2, state: 'acknowledged', nextEscalationAt: null });
const again = sampleIncident({ ...taken, rev: 3, alarmCount: 2, nextEscalationAt: open.nextEscalationAt });

t.test('a new alarm that nobody has taken rings', async (t) => {
  t.same(ringingAfter(NONE, undefined, open), RINGS);
  t.same(ringingAfter(NONE, undefined, taken), NONE, 'one found already taken does not');
});

t.test('an exercise never rings, and one that turns out to be one falls silent', async (t) => {
  t.same(ringingAfter(NONE, undefined, { ...open, test: true }), NONE);
  t.same(ringingAfter(RINGS, open, { ...open, rev: 2, test: true }), NONE);
});

t.test('taking it silences it, and so does resolving it', async (t) => {
  t.same(ringingAfter(RINGS, open, taken), NONE);
  t.same(ringingAfter(RINGS, open, { ...taken, state: 'resolved' }), NONE);
});

t.test('news that answer nothing leave it ringing, and leave the set as it is', async (t) => {
  t.equal(ringingAfter(RINGS, open, { ...open, rev: 2 }), RINGS);
  t.equal(ringingAfter(RINGS, open, { ...open, rev: 2, alarmCount: 2 }), RINGS);
});

t.test('a silenced alarm rings again at the next press', async (t) => {
  t.same(ringingAfter(NONE, open, { ...open, rev: 2 }), NONE);
  t.same(ringingAfter(NONE, open, { ...open, rev: 2, alarmCount: 2 }), RINGS);
});

t.test('a further press on one already taken rings, until it is acknowledged anew', async (t) => {
  t.same(ringingAfter(NONE, taken, again), RINGS);
  t.same(ringingAfter(RINGS, again, { ...again, rev: 4, nextEscalationAt: null }), NONE);
});

t.test('it goes on ringing when the escalation has merely run out of rungs', async (t) => {
  const rung = { step: 3, name: 'upstream-centre', at: open.openedAt, delivered: true };
  const exhausted = { ...again, rev: 4, nextEscalationAt: null, escalations: [...again.escalations, rung] };
  t.equal(ringingAfter(RINGS, again, exhausted), RINGS);
});
