import t from 'tap';
import { PanicBehaviour, type PanicParts } from '#agent/behaviours/panic/runner.ts';
import { SimContact } from '#agent/drivers/sim/contact.ts';
import { SimLamp } from '#agent/drivers/sim/lamp.ts';
import { SimSiren } from '#agent/drivers/sim/siren.ts';
import { SimWorld } from '#agent/drivers/sim/world.ts';
import type { ContactListener, InputKind } from '#agent/ports/inputs.ts';
import { WatchpostError } from '#contract/errors.ts';
import { FakeLink, FakeMemory, FakeRecorder, FakeVoice, ManualDeviceClock, silentLog } from '../fakes.ts';

const KINDS = {
  button: 'button',
  back: 'button',
  tamper: 'tamper',
  pedal: 'duress',
} as const satisfies Record<string, InputKind>;

/** A pillar of simulated parts. `again` is the same pillar after its agent was started again. */
class Pillar {
  readonly clock = new ManualDeviceClock();
  readonly memory = new FakeMemory();
  readonly recorder = new FakeRecorder();
  readonly link = new FakeLink();
  readonly voice = new FakeVoice();
  readonly world: SimWorld;
  readonly panic: PanicBehaviour;

  constructor({ before, with: parts = {} }: { before?: Pillar; with?: Partial<PanicParts> } = {}) {
    this.memory = before?.memory ?? this.memory;
    this.clock = before?.clock ?? this.clock;
    this.recorder = before?.recorder ?? this.recorder;
    this.world = before?.world ?? simWorld();
    const { clock, memory, recorder, link, voice, world } = this;
    this.panic = new PanicBehaviour({
      config: { stuckAfterS: 30, siren: true, sirenMaxS: 60, repeatEveryS: 20 },
      place: { label: 'Gate 3' },
      inputs: Object.entries(KINDS).map(([name, kind]) => new SimContact({ name, kind, world, clock })),
      lamp: new SimLamp({ name: 'lamp', world }),
      siren: new SimSiren({ name: 'siren', world }),
      delivery: link,
      log: silentLog,
      ...{ clock, memory, recorder, link, voice },
      ...parts,
    });
  }

  /** As if killed: nothing is closed. */
  again(): Pillar {
    return new Pillar({ before: this });
  }
}

function simWorld(): SimWorld {
  return new SimWorld({
    contacts: Object.keys(KINDS),
    sensors: {},
    clips: {},
    clip: null,
    pose: { map: 'site', x: 0, y: 0, theta: 0 },
    file: null,
    log: silentLog,
  });
}

t.test('a press is journalled in the same turn, with its place', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  t.match(pillar.recorder.alarms, [
    {
      type: 'wp.panic.pressed.v1',
      data: { place: { label: 'Gate 3' }, input: 'button', cause: 'edge', edges: 1 },
    },
  ]);
  t.equal(pillar.link.urged, 1);
  t.equal(pillar.world.lamp, 'pressed');
  t.equal(pillar.world.siren, 'on');
  await pillar.panic.close();
});

t.test('lamp, siren and voice follow the incident', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  const id = pillar.recorder.alarms[0]?.id ?? '';
  pillar.link.deliver(id, 'sent');
  pillar.link.deliver(id, 'received');
  t.match(pillar.panic.outputs(), {
    panic: 'received',
    lamp: 'received',
    siren: true,
    voice: 'alarm.received',
  });
  pillar.link.notify({ incidentId: 'i', alarmIds: [id], state: 'acknowledged', rev: 2 });
  t.match(pillar.panic.outputs(), { panic: 'acknowledged', siren: false, voice: 'alarm.acknowledged' });
  pillar.link.notify({ incidentId: 'i', alarmIds: [id], state: 'resolved', rev: 3 });
  await pillar.clock.advance(15_000);
  t.match(pillar.panic.outputs(), { panic: 'idle', lamp: 'idle', voice: null });
  t.ok(pillar.link.published > 4, 'the site is told each time');
  await pillar.panic.close();
});

t.test('a press arrives although lamp, siren, voice, link and memory all throw', async (t) => {
  const broken = (): never => {
    throw new TypeError('broken');
  };
  const pillar = new Pillar({
    with: {
      lamp: { name: 'lamp', start: async () => undefined, show: broken, close: async () => undefined },
      siren: { name: 'siren', start: async () => undefined, set: broken, close: async () => undefined },
      voice: Object.assign(new FakeVoice(), { say: broken, hush: broken }),
      memory: Object.assign(new FakeMemory(), { get: broken, set: broken }),
      link: Object.assign(new FakeLink(), { urge: broken, stateChanged: broken }),
      pose: broken,
    },
  });
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  t.match(pillar.recorder.alarms, [{ type: 'wp.panic.pressed.v1' }]);
  await pillar.clock.advance(20_000);
  const reported = pillar.recorder.events.map(({ data }) => data);
  for (const part of ['output:lamp', 'output:siren', 'output:voice', 'output:link']) {
    const told = reported.filter((data) => 'part' in data && data.part === part);
    t.match(told, [{ state: 'failed', code: 'WP2303' }]);
    t.equal(told.length, 1, `${part} is reported once`);
  }
  t.match(pillar.panic.health(), { 'output:lamp': 'failed', 'output:siren': 'failed' });
  pillar.world.setContact('back', true);
  t.equal(pillar.recorder.alarms.length, 2, 'and it goes on so');
  await pillar.panic.close();
});

t.test('a device that moves says where it is, and an alarm waits for no pose', async (t) => {
  const pillar = new Pillar({ with: { pose: () => ({ map: 'mall', x: 3, y: 4, theta: 0 }) } });
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  t.match(pillar.recorder.alarms, [{ data: { place: { label: 'Gate 3', pose: { map: 'mall', x: 3 } } } }]);
  await pillar.panic.close();
});

t.test('an open call outlives the agent: a further press joins it', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  const first = pillar.recorder.alarms[0]?.id ?? '';
  pillar.link.deliver(first, 'received');
  await pillar.clock.advance(2_000);
  const later = pillar.again();
  await later.panic.start();
  t.equal(later.panic.phase, 'received');
  t.equal(later.recorder.alarms.length, 1, 'the button is still held: no further press');
  later.world.setContact('button', false);
  later.world.setContact('button', true);
  t.match(later.recorder.alarms.at(-1), { type: 'wp.panic.repressed.v1', data: { pressId: first } });
  await later.panic.close();
});

t.test('a button pressed while the agent was away is a press, one found held is none', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  await pillar.panic.close();
  pillar.world.setContact('button', true);
  const later = pillar.again();
  await later.panic.start();
  t.match(later.recorder.alarms, [{ type: 'wp.panic.pressed.v1', data: { cause: 'start' } }]);
  await later.clock.advance(10);
  const third = later.again();
  await third.panic.start();
  t.equal(third.recorder.alarms.length, 1);
  await third.panic.close();
});

t.test('at the very first start a closed button is no press, an open case is told', async (t) => {
  const pillar = new Pillar();
  pillar.world.setContact('button', true);
  pillar.world.setContact('tamper', true);
  await pillar.panic.start();
  t.match(pillar.recorder.alarms, [{ type: 'wp.tamper.opened.v1', data: { cause: 'start' } }]);
  t.equal(pillar.recorder.alarms.length, 1);
  await pillar.clock.advance(30_000);
  t.match(pillar.recorder.events, [{ data: { part: 'input:button', state: 'degraded', code: 'WP2301' } }]);
  t.strictSame(pillar.panic.health(), { 'input:button': 'degraded' });
  await pillar.panic.close();
});

t.test('killed at once after a release, a button found held is a further press', async (t) => {
  const before = new Pillar();
  await before.panic.start();
  for (const active of [true, false]) {
    before.world.setContact('button', active);
    await new Promise(setImmediate);
  }
  const after = before.again();
  after.world.setContact('button', true);
  await after.panic.start();
  t.match(after.recorder.alarms, [
    { type: 'wp.panic.pressed.v1', data: { cause: 'edge' } },
    { type: 'wp.panic.repressed.v1', data: { cause: 'start' } },
  ]);
  await after.panic.close();
});

t.test('what is remembered from another boot is dated anew', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  await pillar.clock.advance(3_600_000);
  pillar.world.setContact('button', true);
  await pillar.clock.advance(1_000);
  const later = pillar.again();
  later.clock.bootId = 'boot-2';
  later.clock.bootedMs = -3_600_000;
  await later.panic.start();
  await later.clock.advance(29_000);
  t.equal(later.recorder.events.length, 0, 'the time it is held counts from this boot');
  await later.clock.advance(1_000);
  t.match(later.recorder.events, [{ data: { code: 'WP2301' } }]);
  await later.panic.close();
});

t.test('a memory that makes no sense is told and left behind', async (t) => {
  const codes: unknown[] = [];
  const log = { ...silentLog, error: (fields: object) => codes.push('code' in fields ? fields.code : null) };
  const pillar = new Pillar({ with: { log: { ...log, child: () => silentLog } } });
  pillar.memory.set('panic', { version: 9 });
  await pillar.panic.start();
  t.strictSame(codes, ['WP2607']);
  pillar.world.setContact('button', true);
  t.equal(pillar.recorder.alarms.length, 1);
  await pillar.panic.close();
});

t.test('test mode ends when the agent starts again', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.panic.test(['button'], 1800);
  t.equal(pillar.panic.testing, true);
  t.equal(pillar.world.lamp, 'test');
  await pillar.panic.close();
  const later = pillar.again();
  await later.panic.start();
  t.equal(later.panic.testing, false);
  await later.panic.close();
});

t.test('an input that cannot be read is reported once, tried again, and the others work', async (t) => {
  let failures = 2;
  const clock = new ManualDeviceClock();
  const world = simWorld();
  const good = new SimContact({ name: 'button', kind: 'button', world, clock });
  const shaky = new SimContact({ name: 'back', kind: 'button', world, clock });
  const start = shaky.start.bind(shaky);
  shaky.start = async (listener) => {
    failures -= 1;
    if (failures >= 0) throw new TypeError('no such line');
    return start(listener);
  };
  const pillar = new Pillar({ with: { clock, inputs: [shaky, good] } });
  await pillar.panic.start();
  world.setContact('button', true);
  t.equal(pillar.recorder.alarms.length, 1);
  await clock.advance(25_000);
  const told = pillar.recorder.events.filter(({ data }) => 'part' in data && data.part === 'input:back');
  t.match(told, [{ data: { state: 'failed', code: 'WP2302' } }, { data: { state: 'ok' } }]);
  world.setContact('back', true);
  t.match(pillar.recorder.alarms.at(-1), { data: { input: 'back' } });
  await pillar.panic.close();
});

t.test(
  'a button whose board is lost is told once with why; pressed meanwhile, it is a press when it is back',
  async (t) => {
    const clock = new ManualDeviceClock();
    const world = simWorld();
    const button = new SimContact({ name: 'button', kind: 'button', world, clock });
    const start = button.start.bind(button);
    const listeners: ContactListener[] = [];
    button.start = (listener) => {
      listeners.push(listener);
      return start(listener);
    };
    const pillar = new Pillar({ with: { clock, inputs: [button] } });
    await pillar.panic.start();
    const [heard] = listeners;
    heard?.lost(new WatchpostError('WP2301'));
    heard?.lost(new WatchpostError('WP2301'));
    t.equal(pillar.recorder.alarms.length, 0);
    heard?.back(true);
    t.equal(pillar.recorder.alarms.length, 1);
    const told = pillar.recorder.events.filter(({ data }) => 'part' in data && data.part === 'input:button');
    t.match(told, [{ data: { state: 'failed', code: 'WP2301' } }, { data: { state: 'ok' } }]);
    await pillar.panic.close();
  },
);

t.test('whoever waits for a press hears of it after its level is remembered', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  await pillar.clock.advance(0);
  const told = new Promise((resolve) => {
    pillar.panic.onRecorded((alarm) => resolve({ ...alarm, remembered: pillar.memory.get('panic') }));
  });
  pillar.world.setContact('button', true);
  t.match(await told, {
    input: 'button',
    stored: true,
    remembered: { contacts: { button: { active: true } }, call: { firstId: pillar.recorder.alarms[0]?.id } },
  });
  await pillar.panic.close();
});

t.test('a chattering contact does not wear the card', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.link.deliver(pillar.recorder.alarms[0]?.id ?? '', 'received');
  const before = pillar.memory.writes.length;
  for (let turn = 0; turn < 200; turn += 1) {
    pillar.world.setContact('button', turn % 2 === 0);
    await pillar.clock.advance(50);
  }
  const writes = pillar.memory.writes.length - before;
  t.ok(writes <= 32, `${writes} writes in 10 s of chatter`);
  await pillar.panic.close();
});

t.test('close leaves no timer and no listener, silences the siren, and can be called twice', async (t) => {
  const pillar = new Pillar();
  await pillar.panic.start();
  pillar.world.setContact('button', true);
  await pillar.panic.close();
  await pillar.panic.close();
  t.equal(pillar.clock.pending, 0);
  t.equal(pillar.link.listeners, 0);
  t.equal(pillar.world.siren, 'off');
});

t.test('that a press would be taken is seen without one, and leaves no trace', async (t) => {
  const pillar = new Pillar();
  t.throws(() => pillar.panic.probe(), { code: 'WP2611', detail: 'it is not running' });
  await pillar.panic.start();
  const outputs = pillar.panic.outputs();
  for (let n = 0; n < 10; n += 1) pillar.panic.probe();
  t.strictSame(pillar.panic.outputs(), outputs);
  t.strictSame(pillar.recorder.alarms, []);
  await pillar.panic.close();
  t.throws(() => pillar.panic.probe(), { code: 'WP2611' });
});

t.test('an input that was never looked at, and one that cannot be read, are not the same', async (t) => {
  const { clock } = new Pillar();
  const contact = (name: string, start: () => Promise<boolean | null>) => ({
    ...{ name, kind: 'button' as const, start, close: async () => undefined },
  });
  const broken = contact('a', async () => {
    throw new WatchpostError('WP2302');
  });
  const told = new Pillar({ with: { inputs: [broken] } });
  await told.panic.start();
  t.doesNotThrow(() => told.panic.probe(), 'it was told that it fails, and it is tried again');
  await told.panic.close();
  const silent = new Pillar({ with: { clock, inputs: [contact('b', () => new Promise(() => undefined))] } });
  void silent.panic.start();
  await clock.advance(0);
  t.throws(() => silent.panic.probe(), { code: 'WP2611', detail: 'b was not looked at' });
  await clock.advance(20_000);
  t.doesNotThrow(() => silent.panic.probe(), 'it is told to fail, and holds nobody up any more');
  t.match(silent.panic.health(), { 'input:b': 'failed' });
  await silent.panic.close();
});

/** Its timers never fire. */
class DeadClock extends ManualDeviceClock {
  override after(): () => void {
    return () => undefined;
  }
}

t.test('a panic whose timer does not fire is seen', async (t) => {
  const clock = new DeadClock();
  const dead = new Pillar({ with: { clock } });
  await dead.panic.start();
  dead.world.setContact('button', true);
  t.doesNotThrow(() => dead.panic.probe());
  await clock.advance(120_000);
  t.throws(() => dead.panic.probe(), { code: 'WP2611', detail: 'what was due did not happen' });
  await dead.panic.close();
});
