import { join } from 'node:path';
import t from 'tap';
import { HealthBoard } from '#agent/behaviours/health/board.ts';
import { HealthBehaviour } from '#agent/behaviours/health/health.ts';
import { judgeHigh, judgeLow, Settled } from '#agent/behaviours/health/hysteresis.ts';
import {
  childProbe,
  clockProbe,
  diskProbe,
  loopProbe,
  type Probe,
  queueProbe,
  temperatureProbe,
} from '#agent/behaviours/health/probes.ts';
import { FakeLink, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

class Rig {
  readonly clock = new ManualDeviceClock();
  readonly recorder = new FakeRecorder();
  readonly board: HealthBoard;
  readonly health: HealthBehaviour;
  heartbeats = 0;
  changes = 0;

  constructor(probes: readonly Probe[], supervisionS = 60) {
    const { recorder, clock } = this;
    this.board = new HealthBoard({
      recorder,
      log: silentLog,
      onChange: () => {
        this.changes += 1;
      },
    });
    this.health = new HealthBehaviour({
      board: this.board,
      probes,
      supervisionS,
      heartbeat: () => {
        this.heartbeats += 1;
      },
      ...{ recorder, clock },
      log: silentLog,
    });
  }

  get told(): unknown[] {
    return this.recorder.events.map(({ data }) => data);
  }
}

t.test('the heartbeat comes three times within the interval of supervision', async (t) => {
  const rig = new Rig([], 60);
  rig.health.start();
  await rig.clock.advance(60_000);
  t.equal(rig.heartbeats, 3);
  await rig.health.close();
  await rig.health.close();
  t.equal(rig.clock.pending, 0);
});

t.test('a change is told once, after it was seen often enough', async (t) => {
  let state: 'ok' | 'degraded' = 'ok';
  const rig = new Rig([{ part: 'thing', look: () => ({ finding: { state } }) }]);
  rig.health.start();
  await rig.clock.advance(0);
  state = 'degraded';
  await rig.clock.advance(10_000);
  t.equal(rig.told.length, 0, 'once is chance');
  await rig.clock.advance(60_000);
  t.match(rig.told, [{ part: 'thing', state: 'degraded' }]);
  t.equal(rig.told.length, 1);
  state = 'ok';
  await rig.clock.advance(20_000);
  t.equal(rig.told.length, 1);
  await rig.clock.advance(10_000);
  t.match(rig.told, [{ state: 'degraded' }, { state: 'ok' }]);
  t.strictSame(rig.board.record(), { thing: 'ok' });
  t.equal(rig.changes, 2, 'and up/state is published with each');
  await rig.health.close();
});

t.test('a value that wavers about a limit is told once', async (t) => {
  let celsius = 70;
  const probe: Probe = {
    part: 'temperature',
    look: (was) => ({ finding: { state: judgeHigh(celsius, { degraded: 80, failed: 95, margin: 5 }, was) } }),
  };
  const rig = new Rig([probe]);
  rig.health.start();
  for (let turn = 0; turn < 40; turn += 1) {
    celsius = turn % 3 === 0 ? 79 : 81;
    await rig.clock.advance(10_000);
  }
  t.equal(rig.told.length, 1);
  await rig.health.close();
});

t.test('a probe that hangs or throws leaves the others alone', async (t) => {
  let looks = 0;
  const rig = new Rig([
    { part: 'hung', look: () => new Promise(() => undefined) },
    {
      part: 'broken',
      look: () => {
        throw new TypeError('broken');
      },
    },
    {
      part: 'good',
      look: () => {
        looks += 1;
        return null;
      },
    },
  ]);
  rig.health.start();
  await rig.clock.advance(50_000);
  t.equal(looks, 6);
  await rig.health.close();
});

t.test('measurements go into telemetry once a minute', async (t) => {
  const measure = { sensor: 'disk-free', value: 5, unit: 'MiBy' };
  const rig = new Rig([{ part: 'disk', look: () => ({ finding: { state: 'ok' }, measure }) }]);
  rig.health.start();
  await rig.clock.advance(119_000);
  t.match(rig.recorder.samples, [{ sensor: 'disk-free', value: 5 }, { sensor: 'disk-free' }]);
  t.equal(rig.recorder.samples.length, 2);
  await rig.health.close();
});

t.test('a part that others report is told at once, and once', async (t) => {
  const rig = new Rig([]);
  rig.board.report('vision', { state: 'failed', code: 'WP2604' });
  rig.board.report('vision', { state: 'failed', code: 'WP2604', detail: 'again' });
  rig.board.report('voice', { state: 'ok' });
  rig.board.note('input:button', { state: 'degraded' });
  t.match(rig.told, [{ part: 'vision', state: 'failed' }]);
  t.equal(rig.told.length, 1);
  t.strictSame(rig.board.record(), { vision: 'failed', 'input:button': 'degraded' });
});

t.test('worse is settled after two, better after three', async (t) => {
  const settled = new Settled();
  t.equal(settled.take({ state: 'failed' }).state, 'ok');
  t.equal(settled.take({ state: 'failed' }).state, 'failed');
  t.equal(settled.take({ state: 'ok' }).state, 'failed');
  t.equal(settled.take({ state: 'failed' }).state, 'failed');
  t.equal(settled.take({ state: 'ok' }).state, 'failed');
  t.equal(settled.take({ state: 'ok' }).state, 'failed');
  t.equal(settled.take({ state: 'ok' }).state, 'ok');
});

t.test('little room is judged with a way back', async (t) => {
  const limits = { degraded: 100, failed: 10, margin: 20 };
  t.equal(judgeLow(101, limits, 'ok'), 'ok');
  t.equal(judgeLow(100, limits, 'ok'), 'degraded');
  t.equal(judgeLow(119, limits, 'degraded'), 'degraded');
  t.equal(judgeLow(121, limits, 'degraded'), 'ok');
  t.equal(judgeLow(9, limits, 'degraded'), 'failed');
  t.equal(judgeLow(29, limits, 'failed'), 'failed');
});

t.test('the probes of this machine answer what it has', async (t) => {
  t.match(await diskProbe(t.testdir({})).look('ok'), { measure: { sensor: 'disk-free', unit: 'MiBy' } });
  const loop = loopProbe();
  t.match(await loop.look('ok'), { measure: { sensor: 'loop-delay' } });
  loop.close?.();
  const zones = t.testdir({
    thermal_zone0: { temp: '41500\n' },
    thermal_zone1: { temp: '96000\n' },
    cooling_device0: {},
    thermal_zone2: {},
  });
  t.match(await temperatureProbe(zones).look('ok'), {
    finding: { state: 'failed', code: 'WP2602' },
    measure: { value: 96 },
  });
  t.equal(await temperatureProbe(join(zones, 'missing')).look('ok'), null);
});

t.test('clock, queues and children are judged by what their owners say', async (t) => {
  const clock = new ManualDeviceClock();
  const link = new FakeLink();
  t.match(await clockProbe(clock).look('ok'), { finding: { state: 'ok' } });
  clock.setQuality('unset');
  t.match(await clockProbe(clock).look('ok'), { finding: { state: 'degraded', code: 'WP2605' } });
  const queue = queueProbe('alarm', { depths: () => ({ alarm: 60 }), link });
  t.match(await queue.look('ok'), { finding: { state: 'degraded', code: 'WP2606' } });
  link.state = 'waiting';
  t.match(await queue.look('ok'), { finding: { state: 'ok' } }, 'without a link it waits by design');
  t.match(await childProbe('vision', () => 'restarting').look('ok'), {
    finding: { state: 'degraded', code: 'WP2604' },
  });
});
