import t from 'tap';
import {
  initialSensor,
  judgeReading,
  type SensorRules,
  type SensorState,
} from '#agent/behaviours/sensors/rules.ts';
import { SensorsBehaviour } from '#agent/behaviours/sensors/sensors.ts';
import { SimSensor } from '#agent/drivers/sim/sensor.ts';
import type { Sensor } from '#agent/ports/inputs.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { seeded } from '#test/support/random.ts';
import { simWorld } from '../../drivers/sim/sim-world.ts';
import { FakeMemory, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

type Config = DeviceProfile['sensors'][number];

const CONFIG: Config = {
  name: 'water',
  unit: 'Cel',
  periodS: 1,
  deadband: 2,
  atLeastEveryS: 60,
  thresholds: [{ direction: 'above', limit: 70, clear: 65 }],
  with: { driver: 'sim' },
};

class Rig {
  readonly world = simWorld();
  readonly clock = new ManualDeviceClock();
  readonly recorder = new FakeRecorder();
  readonly sensors: SensorsBehaviour;
  urged = 0;

  constructor(
    config: Partial<Config> = {},
    { sensor, memory }: { sensor?: Sensor; memory?: FakeMemory } = {},
  ) {
    const { world, clock, recorder } = this;
    this.sensors = new SensorsBehaviour({
      sensors: [
        {
          sensor: sensor ?? new SimSensor({ name: 'water', unit: 'Cel', world }),
          config: { ...CONFIG, ...config },
        },
      ],
      place: () => ({ label: 'Gate 3' }),
      memory: memory ?? new FakeMemory(),
      urge: () => {
        this.urged += 1;
      },
      log: silentLog,
      ...{ clock, recorder },
    });
  }

  /** The first reading is taken at once. */
  async start(): Promise<void> {
    this.sensors.start();
    await this.clock.advance(0);
  }

  async reads(...levels: (number | 'fail')[]): Promise<void> {
    for (const level of levels) {
      this.world.setSensor('water', level);
      await this.clock.advance(1_000);
    }
  }

  get values(): number[] {
    return this.recorder.samples.map(({ value }) => value);
  }
}

t.test('a sample is kept when it moved by the dead band, and now and then however still it is', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.reads(20, 21, 21.9, 22, 20.1, 20);
  t.strictSame(rig.values, [0, 20, 22, 20]);
  await rig.clock.advance(59_000);
  t.equal(rig.values.length, 4);
  await rig.clock.advance(1_000);
  t.strictSame(rig.values, [0, 20, 22, 20, 20]);
  await rig.sensors.close();
  t.equal(rig.clock.pending, 0);
});

t.test('a threshold is crossed once, and normal again only past its clear value', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.reads(70, 70.5, 69, 71, 66, 65, 69);
  t.match(rig.recorder.events, [
    {
      type: 'wp.sensor.crossed.v1',
      data: { sensor: 'water', value: 70.5, threshold: 70, direction: 'above' },
    },
    { type: 'wp.sensor.crossed.v1', data: { value: 65, threshold: 65, direction: 'normal' } },
  ]);
  t.equal(rig.recorder.events.length, 2);
  await rig.sensors.close();
});

t.test('a threshold below works the same way down', async (t) => {
  const rig = new Rig({ thresholds: [{ direction: 'below', limit: 11.5, clear: 12 }] });
  rig.world.setSensor('water', 12.6);
  await rig.start();
  await rig.reads(11.5, 11.4, 11.9, 12);
  t.match(rig.recorder.events, [
    { data: { direction: 'below', value: 11.4 } },
    { data: { direction: 'normal' } },
  ]);
  await rig.sensors.close();
});

t.test('smoke and water are alarms, their end is an event', async (t) => {
  const rig = new Rig({ thresholds: [{ direction: 'above', limit: 0.5, clear: 0.5, alarm: 'water' }] });
  await rig.start();
  await rig.reads(1, 1, 0);
  t.match(rig.recorder.alarms, [
    {
      type: 'wp.water.detected.v1',
      data: { input: 'water', value: 1, threshold: 0.5, place: { label: 'Gate 3' } },
    },
  ]);
  t.equal(rig.recorder.alarms.length, 1);
  t.equal(rig.urged, 1, 'the link is tried at once');
  t.match(rig.recorder.events, [{ type: 'wp.sensor.crossed.v1', data: { direction: 'normal' } }]);
  await rig.sensors.close();
});

t.test('what is crossed is not told again after a restart, its end is', async (t) => {
  const memory = new FakeMemory();
  const rig = new Rig({}, { memory });
  await rig.start();
  await rig.reads(80);
  t.equal(rig.recorder.events.length, 1);
  await rig.sensors.close();
  const later = new Rig({}, { memory });
  later.world.setSensor('water', 80);
  await later.start();
  await later.reads(80, 60);
  t.match(later.recorder.events, [{ data: { direction: 'normal' } }]);
  t.equal(later.recorder.events.length, 1);
  await later.sensors.close();
});

t.test('a failing sensor is one health event, and one more when it works again', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.reads('fail', 'fail', 20);
  t.equal(rig.recorder.events.length, 0, 'a bad reading or two are noise');
  await rig.reads('fail', 'fail', 'fail', 'fail', 'fail');
  t.match(rig.sensors.health(), { 'sensor:water': 'failed' });
  await rig.reads(20, 20);
  t.match(rig.recorder.events, [
    { type: 'wp.health.changed.v1', data: { part: 'sensor:water', state: 'failed', code: 'WP2304' } },
    { type: 'wp.health.changed.v1', data: { part: 'sensor:water', state: 'ok' } },
  ]);
  t.equal(rig.recorder.events.length, 2);
  t.match(rig.sensors.health(), { 'sensor:water': 'ok' });
  await rig.sensors.close();
});

t.test('a reading that hangs is given up and never overlapped; what is no number is a failure', async (t) => {
  let reads = 0;
  const hung: Sensor = {
    name: 'water',
    unit: 'Cel',
    start: async () => undefined,
    read: () => {
      reads += 1;
      return reads <= 3 ? new Promise(() => undefined) : Promise.resolve(Number.NaN);
    },
    close: async () => undefined,
  };
  const rig = new Rig({}, { sensor: hung });
  await rig.start();
  await rig.clock.advance(9_000);
  t.equal(reads, 1);
  await rig.clock.advance(23_000);
  t.equal(reads, 3, 'each is given ten seconds');
  await rig.clock.advance(1_000);
  t.equal(reads, 4);
  t.match(rig.recorder.events, [{ data: { state: 'failed' } }]);
  await rig.clock.advance(5_000);
  t.equal(rig.recorder.events.length, 1, 'readings of NaN leave it failed');
  t.equal(rig.values.length, 0);
  await rig.sensors.close();
});

t.test('crossings alternate, and nothing between limit and clear is one (seeded)', async (t) => {
  for (const seed of [1, 2, 3, Math.floor(Math.random() * 2 ** 31)]) {
    const random = seeded(seed);
    const rules: SensorRules = CONFIG;
    let state: SensorState = initialSensor(rules);
    let last = 'cleared';
    for (let step = 0; step < 500; step += 1) {
      const value = 60 + random(1_500) / 100;
      const judged = judgeReading(rules, state, value, step * 1_000);
      for (const { change } of judged.crossings) {
        if (change === last || (value > 65 && value <= 70))
          t.fail(`seed ${seed}, step ${step}: ${change} at ${value}`);
        last = change;
      }
      state = judged.state;
    }
  }
  t.pass('four seeds, 500 readings each');
});
