import t from 'tap';
import { isClosed, judgeAction } from '#broker/incidents/lifecycle.ts';
import { callsAgain, DEFAULT_RULES, judgeEnding, judgeEvent, topicOf } from '#broker/incidents/rules.ts';
import { WatchpostError } from '#contract/errors.ts';
import { INCIDENT_ACTIONS } from '#contract/http.ts';
import { INCIDENT_STATES } from '#contract/messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ledgerEvent } from '../support/desk.ts';

const clock = new ManualClock();

t.test('every action leads forward, is a repeat, or is refused, in every state', async (t) => {
  for (const [from, state] of INCIDENT_STATES.entries()) {
    for (const [index, action] of INCIDENT_ACTIONS.entries()) {
      const position = { state, assignee: null, calling: false };
      const to = index + 1;
      if (to < from) {
        t.throws(() => judgeAction(position, { action }), { code: 'WP3201' }, `${action} while ${state}`);
        continue;
      }
      const verdict = judgeAction(position, { action });
      t.equal(verdict.kind, to > from ? 'step' : 'repeat', `${action} while ${state}`);
      t.equal(verdict.state, INCIDENT_STATES[to]);
    }
  }
});

t.test('giving it to somebody else is a step; giving it to the same one is a repeat', async (t) => {
  const position = { state: 'assigned', assignee: 'guard-1', calling: false } as const;
  t.equal(judgeAction(position, { action: 'assign', assignee: 'auditor-1' }).kind, 'step');
  t.equal(judgeAction(position, { action: 'assign', assignee: 'guard-1' }).kind, 'repeat');
});

t.test('a press after the acknowledgement can be acknowledged again without going back', async (t) => {
  const position = { state: 'on-scene', assignee: 'guard-1', calling: true } as const;
  t.same(judgeAction(position, { action: 'acknowledge' }), { kind: 'step', state: 'on-scene' });
  t.throws(() => judgeAction(position, { action: 'assign' }), WatchpostError);
});

t.test('only resolved and reviewed are closed', async (t) => {
  t.same(INCIDENT_STATES.filter(isClosed), ['resolved', 'reviewed']);
});

t.test('every alarm opens an incident; of events only those that the rules name', async (t) => {
  const judge = (type: string, data = {}) => {
    const { lane, envelope } = ledgerEvent(clock, { type, data });
    return judgeEvent(DEFAULT_RULES, lane, envelope);
  };
  t.same(judge('wp.panic.pressed.v1'), { topic: 'panic', reach: 'all' });
  t.same(judge('wp.smoke.detected.v1'), { topic: 'smoke', reach: 'all' });
  t.same(judge('wp.flood.seen.v1'), { topic: 'flood', reach: 'all' }, 'an alarm of a later version');
  t.same(judge('wp.object.left.v1', { objectId: 'o1' }), { topic: 'object:o1', reach: 'all' });
  t.same(judge('wp.crowd.exceeded.v1', { name: 'exit' }), { topic: 'crowd:exit', reach: 'all' });
  t.same(judge('wp.loitering.detected.v1', { name: 'till' }), { topic: 'loitering:till', reach: 'first' });
  t.same(judge('wp.tailgating.detected.v1', { name: 'door' }), { topic: 'tailgating:door', reach: 'first' });
  t.same(judge('wp.camera.impaired.v1', { camera: 'front', fault: 'covered' }), {
    topic: 'camera:front:covered',
    reach: 'first',
  });
  t.equal(judge('wp.crowd.eased.v1', { name: 'exit' }), null);
  t.same(judge('wp.supervision.lost.v1'), { topic: 'supervision', reach: 'first' });
  t.same(judge('wp.health.changed.v1', { part: 'camera', state: 'failed' })?.topic, 'health:camera');
  t.equal(judge('wp.health.changed.v1', { part: 'camera', state: 'degraded' }), null);
  t.equal(judge('wp.panic.released.v1'), null);
  t.same(judge('wp.input.bypassed.v1', { input: 'button' }), { topic: 'input:button', reach: 'none' });
  t.equal(judge('wp.input.restored.v1', { input: 'button' }), null);
});

t.test('a fault that is over ends its incident and no other', async (t) => {
  const ending = (type: string, data = {}) => judgeEnding(ledgerEvent(clock, { type, data }).envelope);
  t.same(ending('wp.supervision.restored.v1'), { topic: 'supervision', cause: 'restored' });
  t.same(ending('wp.health.changed.v1', { part: 'camera', state: 'ok' }), {
    topic: 'health:camera',
    cause: 'recovered',
  });
  t.equal(ending('wp.health.changed.v1', { part: 'camera', state: 'failed' }), null);
  t.same(ending('wp.crowd.eased.v1', { name: 'exit' }), { topic: 'crowd:exit', cause: 'eased' });
  const unwatched = ending('wp.crowd.eased.v1', { name: 'exit', cause: 'unwatched' });
  t.same(unwatched, { topic: 'crowd:exit', cause: 'unwatched' }, 'nobody has seen it ease');
  t.same(ending('wp.loitering.ended.v1', { name: 'till' }), { topic: 'loitering:till', cause: 'gone' });
  t.same(ending('wp.camera.restored.v1', { camera: 'front', fault: 'dark' }), {
    topic: 'camera:front:dark',
    cause: 'restored',
  });
  const restored = ending('wp.input.restored.v1', { input: 'button', cause: 'expired', suppressed: 0 });
  t.same(restored, { topic: 'input:button', cause: 'unbypassed' });
  t.equal(ending('wp.panic.released.v1'), null);
});

t.test('what cannot be read is joined by itself and calls again', async (t) => {
  t.equal(topicOf(null, {}), 'unreadable');
  t.equal(callsAgain(null), true);
  t.equal(callsAgain('wp.tamper.opened.v1'), false);
});
