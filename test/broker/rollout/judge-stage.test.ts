import t from 'tap';
import { type JudgedMember, type JudgedRollout, judgeStage } from '#broker/rollout/judge-stage.ts';
import { type MemberState, RolloutRules } from '#contract/fleet.ts';

const HOUR_MS = 3_600_000;
const base: JudgedRollout = {
  ...{ stage: 0, stages: 3, stageAtMs: 0, soakAtMs: null, forgiven: 0 },
  rules: RolloutRules.parse({ soakS: 60 }),
};

/** `stage:state`, with `-` behind it for a device that is away. */
function members(...sketches: `${number}:${string}`[]): JudgedMember[] {
  return sketches.map((sketch, n) => {
    const [stage, state = ''] = sketch.split(':');
    const known = state.replace('-', '');
    return {
      ...{ device: `p-${n}`, stage: Number(stage), code: null, online: !state.endsWith('-') },
      state: stateOf(known),
    };
  });
}

const STATES: Record<string, MemberState> = {
  ok: 'confirmed',
  skip: 'skipped',
  wait: 'waiting',
  send: 'sending',
  trial: 'trial',
  bad: 'rejected',
  fail: 'failed',
};
const stateOf = (name: string): MemberState => STATES[name] ?? 'waiting';

const kindOf = (rollout: Partial<JudgedRollout>, list: JudgedMember[], nowMs = 0) =>
  judgeStage({ ...base, ...rollout }, list, nowMs).kind;

t.test('a stage goes on when all of it are confirmed and have been for long enough', async (t) => {
  t.equal(kindOf({}, members('0:trial', '1:wait', '2:wait')), 'wait');
  t.equal(kindOf({}, members('0:ok', '1:wait', '2:wait')), 'soak');
  t.equal(kindOf({ soakAtMs: 0 }, members('0:ok', '1:wait', '2:wait'), 59_999), 'wait');
  t.equal(kindOf({ soakAtMs: 0 }, members('0:ok', '1:wait', '2:wait'), 60_000), 'next');
  t.equal(kindOf({}, members('0:skip', '1:wait', '2:wait')), 'soak', 'who has it already counts');
  t.equal(kindOf({ soakAtMs: 0 }, members('0:ok', '0:send', '1:wait', '2:wait')), 'unsoak');
});

t.test('the last stage ends it', async (t) => {
  t.equal(kindOf({ stage: 2 }, members('0:ok', '1:ok', '2:trial')), 'wait');
  t.equal(kindOf({ stage: 2 }, members('0:ok', '1:wait', '2:ok')), 'wait', 'not without those behind');
  t.equal(kindOf({ stage: 2 }, members('0:ok', '1:skip', '2:ok')), 'finish');
});

t.test('failures halt it by count, before anything goes on', async (t) => {
  const list = members('0:ok', '0:bad', '1:wait', '2:wait');
  t.match(judgeStage(base, list, 0), { kind: 'halt', by: { device: 'p-1' }, reason: '1 failed' });
  const two = { ...base, rules: RolloutRules.parse({ haltOn: 2 }) };
  t.equal(kindOf(two, list), 'soak');
  t.equal(kindOf(two, members('0:fail', '0:bad', '1:wait')), 'halt');
  t.equal(kindOf({ forgiven: 1 }, list), 'soak', 'somebody has seen it');
  t.equal(kindOf({ forgiven: 1 }, members('0:bad', '0:bad', '1:wait')), 'halt');
});

t.test('failures halt it by their share, once there are enough', async (t) => {
  const rules = RolloutRules.parse({ haltOn: 1000, haltPercent: 40 });
  t.equal(kindOf({ rules, stage: 2 }, members('0:bad', '1:ok', '2:trial')), 'wait', 'half of two');
  t.equal(kindOf({ rules, stage: 2 }, members('0:bad', '0:bad', '1:ok', '1:ok', '2:ok')), 'halt');
  t.equal(kindOf({ rules, stage: 2 }, members('0:bad', '1:ok', '1:ok', '1:ok', '2:ok', '2:trial')), 'wait');
});

t.test('a device that is away holds its stage for a time, the canary for ever', async (t) => {
  const list = members('0:ok', '1:ok', '1:wait-', '2:wait');
  t.equal(kindOf({ stage: 1 }, list, 24 * HOUR_MS - 1), 'wait');
  t.equal(kindOf({ stage: 1 }, list, 24 * HOUR_MS), 'soak');
  t.equal(
    kindOf({ stage: 1 }, members('0:ok', '1:ok', '1:wait', '2:wait'), 24 * HOUR_MS),
    'wait',
    'it is there',
  );
  t.equal(kindOf({}, members('0:ok', '0:wait-', '1:wait'), 1000 * HOUR_MS), 'wait', 'a canary');
  t.equal(kindOf({ stage: 1 }, members('0:ok', '1:wait-', '2:wait'), 48 * HOUR_MS), 'wait', 'nobody is well');
});
