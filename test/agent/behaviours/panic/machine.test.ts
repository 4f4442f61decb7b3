import t from 'tap';
import { MachineDrive } from './drive.ts';

t.test('a press goes all the way to closed and the device is idle again', async (t) => {
  const drive = new MachineDrive();
  const id = drive.press();
  t.equal(drive.phase, 'stored');
  t.equal(drive.state.shown.lamp, 'pressed');
  t.strictSame(drive.takeSaid(), ['alarm.pressed']);
  drive.give({ kind: 'delivery', id, stage: 'sent' });
  t.equal(drive.phase, 'sent');
  drive.give({ kind: 'delivery', id, stage: 'received' });
  t.equal(drive.phase, 'received');
  drive.notice('open', 1);
  t.equal(drive.phase, 'received');
  drive.notice('acknowledged', 2);
  t.equal(drive.phase, 'acknowledged');
  drive.notice('assigned', 3);
  t.equal(drive.phase, 'attending');
  drive.notice('on-scene', 4);
  t.equal(drive.phase, 'attending');
  drive.notice('resolved', 5);
  t.equal(drive.phase, 'closed');
  t.strictSame(drive.takeSaid(), ['alarm.received', 'alarm.acknowledged', 'alarm.attending', 'alarm.closed']);
  drive.pass(15_000);
  t.equal(drive.phase, 'idle');
  t.equal(drive.state.shown.lamp, 'idle');
  t.match(drive.effects, [{ kind: 'lamp' }, { kind: 'hush', priority: 'alarm' }], 'the voice is quiet again');
});

t.test('an alarm is recorded before anything else is done about the press', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  t.equal(drive.effects[0]?.kind, 'recordAlarm');
  t.equal(drive.effects[1]?.kind, 'urgeLink');
});

t.test('without a link a press stays stored and says that the device keeps trying', async (t) => {
  const drive = new MachineDrive({ button: 'button' }, 'down');
  drive.press();
  t.equal(drive.phase, 'stored');
  t.equal(drive.state.shown.lamp, 'waiting');
  t.match(
    drive.effects.find(({ kind }) => kind === 'say'),
    {
      key: 'alarm.stored',
      priority: 'alarm',
      repeatEveryMs: 20_000,
    },
  );
  drive.pass(48 * 3_600_000);
  t.equal(drive.phase, 'stored', 'for as long as it takes');
});

t.test('a link that is up and silent is told like no link, after a moment', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  drive.takeSaid();
  drive.pass(2_999);
  t.strictSame(drive.takeSaid(), []);
  drive.pass(1);
  t.strictSame(drive.takeSaid(), ['alarm.stored']);
  t.equal(drive.state.shown.lamp, 'waiting');
});

t.test('"sent" is spoken only when the receipt does not overtake it', async (t) => {
  const slow = new MachineDrive();
  slow.give({ kind: 'delivery', id: slow.press(), stage: 'sent' });
  t.equal(slow.state.shown.lamp, 'sent', 'the lamp shows it at once');
  t.strictSame(slow.takeSaid(), ['alarm.pressed']);
  slow.pass(1_000);
  t.strictSame(slow.takeSaid(), ['alarm.sent']);

  const waiting = new MachineDrive({ button: 'button' }, 'down');
  const id = waiting.press();
  waiting.pass(5_000);
  waiting.takeSaid();
  waiting.give({ kind: 'link', state: 'up' });
  waiting.give({ kind: 'delivery', id, stage: 'sent' });
  t.strictSame(waiting.takeSaid(), ['alarm.sent'], 'it no longer says that it keeps trying');
});

t.test(
  'an alarm that could not be stored has words and a lamp of its own, and is never called sent',
  async (t) => {
    const drive = new MachineDrive();
    drive.journal = 'cannot-store';
    const id = drive.press();
    t.equal(drive.phase, 'unstored');
    t.equal(drive.state.shown.lamp, 'unstored');
    t.strictSame(drive.takeSaid(), ['alarm.unstored']);
    drive.give({ kind: 'delivery', id, stage: 'sent' });
    t.equal(drive.phase, 'unstored');
    drive.give({ kind: 'delivery', id, stage: 'received' });
    t.equal(drive.phase, 'received');
  },
);

t.test('a journal that throws is tried again until it takes the press', async (t) => {
  const drive = new MachineDrive();
  drive.journal = 'throws';
  drive.press();
  t.equal(drive.phase, 'unstored');
  drive.pass(2_500);
  t.equal(drive.rows.length, 0);
  drive.journal = 'stores';
  drive.pass(1_000);
  t.match(drive.rows, [{ type: 'wp.panic.pressed.v1', edges: 1 }]);
  t.equal(drive.rows.length, 1);
  t.equal(drive.phase, 'stored');
});

t.test('a further press while the call is open joins it and is answered anew', async (t) => {
  const drive = new MachineDrive({ button: 'button', back: 'button' });
  const first = drive.press();
  drive.give({ kind: 'delivery', id: first, stage: 'received' });
  drive.notice('acknowledged', 1);
  drive.pass(5_000);
  drive.takeSaid();
  const second = drive.press('back');
  t.equal(drive.phase, 'stored', 'what is shown follows the newest press');
  t.match(drive.rows, [{ type: 'wp.panic.pressed.v1' }, { type: 'wp.panic.repressed.v1', input: 'back' }]);
  t.strictSame(drive.takeSaid(), ['alarm.pressed']);
  drive.notice('acknowledged', 2, [first]);
  t.equal(drive.phase, 'stored', 'a notice that does not name it says nothing about it');
  drive.notice('acknowledged', 3, [first, second]);
  t.equal(drive.phase, 'acknowledged');
});

t.test('a press after the end opens a new call', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  drive.notice('resolved', 1);
  drive.edge(false);
  drive.pass(2_000);
  t.equal(drive.phase, 'closed');
  drive.press();
  t.match(drive.rows.at(-1), { type: 'wp.panic.pressed.v1' });
  t.equal(drive.phase, 'stored');
});

t.test('the newest revision of an incident wins, whatever comes late', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  drive.notice('on-scene', 7);
  drive.notice('acknowledged', 5);
  drive.notice('open', 6);
  t.equal(drive.phase, 'attending');
});

t.test('notices of other incidents of the device change nothing', async (t) => {
  const drive = new MachineDrive({ button: 'button', tamper: 'tamper' });
  drive.edge(true, 'tamper');
  drive.notice('resolved', 9, [drive.rows[0]?.id ?? '']);
  t.equal(drive.phase, 'idle');
  drive.press();
  drive.notice('resolved', 9, [drive.rows[0]?.id ?? '']);
  t.equal(drive.phase, 'stored');
});

t.test('a chattering contact becomes one counted row a second', async (t) => {
  const drive = new MachineDrive();
  for (let turn = 0; turn < 60; turn += 1) {
    drive.edge(turn % 2 === 0);
    drive.pass(50);
  }
  drive.pass(1_000);
  const counted = drive.rows.reduce((sum, { edges }) => sum + edges, 0);
  t.equal(counted, 30, 'every edge down is in some row');
  t.ok(drive.rows.length <= 4, `3 s of chatter made ${drive.rows.length} rows`);
  t.equal(drive.rows.filter(({ type }) => type === 'wp.panic.pressed.v1').length, 1);
  const releases = drive.effects.filter(
    (effect) => effect.kind === 'recordEvent' && effect.event.type === 'wp.panic.released.v1',
  );
  t.ok(releases.length >= 1 && releases.length <= 4);
  t.strictSame(drive.takeSaid(), ['alarm.pressed', 'alarm.stored'], 'the voice is not started over by it');
});

t.test('edges buffered during a freeze each keep their row', async (t) => {
  const drive = new MachineDrive();
  const startMs = drive.nowMs;
  drive.nowMs += 10_000;
  for (const [atMs, active] of [
    [0, true],
    [200, false],
    [900, true],
    [950, false],
    [4_000, true],
    [4_300, false],
  ] as const) {
    drive.give({ kind: 'edge', input: 'button', edge: { active, atMonoMs: startMs + atMs, edges: 1 } });
  }
  t.strictSame(
    drive.rows.map(({ type, edges }) => [type, edges]),
    [
      ['wp.panic.pressed.v1', 1],
      ['wp.panic.repressed.v1', 1],
      ['wp.panic.repressed.v1', 1],
    ],
  );
  const held = drive.effects.flatMap((effect) =>
    effect.kind === 'recordEvent' && effect.event.type === 'wp.panic.released.v1'
      ? [effect.event.heldMs]
      : [],
  );
  t.strictSame(held, [200, 50, 300]);
});

t.test('a button held too long is reported once, and once more when it is free', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  drive.takeSaid();
  drive.pass(29_999);
  t.equal(health(drive).length, 0);
  drive.pass(60_000);
  t.match(health(drive), [{ part: 'input:button', state: 'degraded', code: 'WP2301' }]);
  t.equal(health(drive).length, 1);
  t.ok(drive.takeSaid().includes('alarm.stuck'));
  drive.edge(false);
  t.match(health(drive), [{ part: 'input:button', state: 'ok' }]);
  drive.press();
  t.equal(drive.rows.length, 2, 'it is armed again');
});

t.test('the siren stops at its maximum, when somebody has taken the call, and on order', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  t.equal(drive.state.shown.siren, true);
  drive.pass(59_999);
  t.equal(drive.state.shown.siren, true);
  drive.pass(1);
  t.equal(drive.state.shown.siren, false);

  const taken = new MachineDrive();
  taken.press();
  taken.notice('acknowledged', 1);
  t.equal(taken.state.shown.siren, false);
  taken.give({ kind: 'siren', order: 'on', forMs: 3_600_000 });
  t.equal(taken.state.shown.siren, true);
  taken.pass(60_000);
  t.equal(taken.state.shown.siren, false, 'nobody can order it for longer than the profile allows');
});

t.test('a broken contact cannot keep the siren going', async (t) => {
  const drive = new MachineDrive();
  let soundedMs = 0;
  for (let second = 0; second < 600; second += 2) {
    drive.press();
    drive.pass(1_000);
    drive.edge(false);
    drive.pass(1_000);
    if (drive.state.shown.siren) soundedMs += 2_000;
  }
  t.ok(soundedMs <= 320_000, `${soundedMs} ms of 600000`);
});

t.test('duress is told in silence', async (t) => {
  const drive = new MachineDrive({ pedal: 'duress' });
  drive.press('pedal');
  t.match(drive.rows, [{ type: 'wp.duress.signalled.v1' }]);
  t.strictSame(
    drive.effects.map(({ kind }) => kind),
    ['recordAlarm', 'urgeLink', 'remember'],
  );
  drive.effects.length = 0;
  drive.edge(false, 'pedal');
  t.strictSame(
    drive.effects.map(({ kind }) => kind),
    ['remember'],
  );
});

t.test('an opened case is an alarm and its closing an event', async (t) => {
  const drive = new MachineDrive({ tamper: 'tamper' });
  drive.press('tamper');
  drive.pass(2_000);
  drive.edge(false, 'tamper');
  t.match(drive.rows, [{ type: 'wp.tamper.opened.v1' }]);
  t.ok(drive.effects.some((e) => e.kind === 'recordEvent' && e.event.type === 'wp.tamper.closed.v1'));
  t.equal(drive.phase, 'idle');
});

t.test('test mode shows itself, ends by itself and tests the whole path', async (t) => {
  const drive = new MachineDrive();
  drive.give({ kind: 'test', inputs: ['button'], forMs: 60_000 });
  t.equal(drive.state.shown.lamp, 'test');
  t.strictSame(drive.takeSaid(), ['test.begin']);
  drive.press();
  t.equal(drive.rows.length, 1);
  drive.notice('resolved', 1);
  drive.edge(false);
  drive.pass(15_000);
  t.equal(drive.state.shown.lamp, 'test');
  drive.takeSaid();
  drive.pass(60_000);
  t.equal(drive.state.shown.lamp, 'idle');
  t.strictSame(drive.takeSaid(), ['test.end']);
});

t.test('the lamp says that no button works, but not while one does', async (t) => {
  const drive = new MachineDrive({ left: 'button', right: 'button', tamper: 'tamper' });
  const bypass = (...inputs: string[]) => drive.give({ kind: 'bypassed', inputs });
  bypass('left', 'tamper');
  t.equal(drive.state.shown.lamp, 'idle', 'the right one calls for help');
  bypass('left', 'right');
  t.equal(drive.state.shown.lamp, 'bypassed');
  drive.give({ kind: 'test', inputs: ['left'], forMs: 60_000 });
  t.equal(drive.state.shown.lamp, 'test');
  drive.pass(60_000);
  t.equal(drive.state.shown.lamp, 'bypassed');
  bypass('left');
  t.equal(drive.state.shown.lamp, 'idle');
  const without = new MachineDrive({ tamper: 'tamper' });
  without.give({ kind: 'bypassed', inputs: ['tamper'] });
  t.equal(without.state.shown.lamp, 'idle', 'a device without a button has none out of service');
});

t.test('a call for help from before a bypass keeps the lamp', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  const { lamp } = drive.state.shown;
  drive.give({ kind: 'bypassed', inputs: ['button'] });
  t.equal(drive.state.shown.lamp, lamp);
});

t.test('a call whose end was missed is given up after a day', async (t) => {
  const drive = new MachineDrive();
  drive.give({ kind: 'delivery', id: drive.press(), stage: 'received' });
  drive.edge(false);
  drive.pass(24 * 3_600_000 + 1);
  t.equal(drive.phase, 'idle');
});

t.test('what chattered is told when the agent stops', async (t) => {
  const drive = new MachineDrive();
  drive.press();
  drive.edge(false);
  drive.edge(true);
  t.equal(drive.rows.length, 1);
  drive.give({ kind: 'closing' });
  t.match(drive.rows.at(-1), { type: 'wp.panic.repressed.v1', edges: 1 });
});

function health(drive: MachineDrive): { part: string; state: string; code?: string | undefined }[] {
  return drive.effects.flatMap((effect) =>
    effect.kind === 'recordEvent' && effect.event.type === 'wp.health.changed.v1' ? [effect.event] : [],
  );
}
