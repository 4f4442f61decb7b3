import t from 'tap';
import { GnssInputConfig, type ReceiverChoice } from '#agent/drivers/gnss/config.ts';
import { GnssSensor } from '#agent/drivers/gnss/gnss-sensor.ts';
import { GnssTamper } from '#agent/drivers/gnss/gnss-tamper.ts';
import type { LineListener } from '#agent/drivers/gnss/line-source.ts';
import { Receiver } from '#agent/drivers/gnss/receiver.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { seeded } from '#test/support/random.ts';
import { HOME, secondOf } from './made-track.ts';

type Moment = Parameters<typeof secondOf>[0];

/** A fixed device with a receiver on a made serial line. */
class Rig {
  readonly clock = new ManualDeviceClock();
  readonly told: string[] = [];
  readonly tamper: GnssTamper;
  readonly receiver: Receiver;
  line: LineListener | null = null;
  opened = 0;
  closed = 0;
  works = true;

  constructor(home: typeof HOME | null = HOME) {
    const { clock } = this;
    const config = GnssInputConfig.parse({ driver: 'gnss', serial: '/dev/ttyS9' });
    const open = async (_choice: ReceiverChoice, listener: LineListener) => {
      this.opened += 1;
      if (!this.works) throw new WatchpostError('WP2370');
      this.line = listener;
      return {
        close: () => {
          this.closed += 1;
        },
      };
    };
    this.receiver = new Receiver({ choice: config, clock, open });
    this.tamper = new GnssTamper({
      ...{ name: 'moved', kind: 'tamper', config, home, clock },
      receiver: this.receiver,
    });
  }

  async start(): Promise<boolean | null> {
    const level = await this.tamper.start({
      edge: ({ active }) => this.told.push(active ? 'moved' : 'back in place'),
      lost: ({ code }) => this.told.push(`lost ${code}`),
      back: (active) => this.told.push(active ? 'found away' : 'found in place'),
    });
    await this.clock.advance(0);
    return level;
  }

  /** So many seconds of the receiver's sentences; `at` says what they say. */
  async seconds(count: number, at: Moment | ((second: number) => Moment)): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      for (const line of secondOf(typeof at === 'function' ? at(second) : at)) this.line?.line(line);
      await this.clock.advance(1000);
    }
  }
}

t.test('where it is is known after the hold time, and told as found', async (t) => {
  const rig = new Rig();
  t.equal(await rig.start(), null);
  await rig.seconds(60, { metres: 0 });
  t.strictSame(rig.told, []);
  await rig.seconds(1, { metres: 0 });
  t.strictSame(rig.told, ['found in place']);
  await rig.tamper.close();
  t.equal(rig.clock.pending, 0);
  t.equal(rig.closed, 1);
});

t.test('carried away: an edge after the hold time, and one when it is back for as long', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.seconds(61, { metres: 3 });
  await rig.seconds(60, (second) => ({ metres: 51 + second }));
  t.strictSame(rig.told, ['found in place'], 'not yet');
  await rig.seconds(1, { metres: 120 });
  t.strictSame(rig.told.slice(1), ['moved']);
  await rig.seconds(300, { metres: 45 });
  t.strictSame(rig.told.slice(1), ['moved'], 'at the edge it is not back');
  await rig.seconds(61, { metres: 39 });
  t.strictSame(rig.told.slice(1), ['moved', 'back in place']);
  await rig.tamper.close();
});

t.test('a receiver that wanders as receivers do moves nothing in four hours', async (t) => {
  const rig = new Rig();
  await rig.start();
  const random = seeded(11);
  let wander = 0;
  // Errors last for minutes: a walk of 12 m deviation that is pulled back within ten minutes.
  await rig.seconds(4 * 3600, () => {
    wander += -wander / 600 + (random(2000) / 1000 - 1) * 12 * Math.sqrt(6 / 600);
    return { metres: wander };
  });
  t.strictSame(rig.told, ['found in place']);
  await rig.tamper.close();
});

t.test('single fixes far away, and fixes of a poor dilution, are not believed', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.seconds(61, { metres: 0 });
  await rig.seconds(200, (second) => ({ metres: second % 50 === 0 ? 0 : 5000 }));
  await rig.seconds(200, { metres: 5000, hdop: 5.1 });
  t.strictSame(rig.told, ['found in place']);
  await rig.seconds(62, { metres: 5000, hdop: 5 });
  t.strictSame(rig.told, ['found in place', 'moved']);
  await rig.tamper.close();
});

t.test('time without fixes counts for nothing', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.seconds(61, { metres: 0 });
  await rig.seconds(1, { metres: 500 });
  await rig.clock.advance(120_000);
  await rig.seconds(1, { metres: 500 });
  t.strictSame(rig.told, ['found in place']);
  await rig.tamper.close();
});

t.test('no fix for five minutes is a lost input; what it is found at afterwards is told', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.seconds(61, { metres: 0 });
  await rig.seconds(400, { metres: 0, quality: 0 });
  t.strictSame(rig.told, ['found in place', 'lost WP2372'], 'once');
  await rig.seconds(61, { metres: 900 });
  t.strictSame(rig.told.slice(2), ['found away']);
  await rig.tamper.close();
});

t.test('a receiver that goes away is opened again', async (t) => {
  const rig = new Rig();
  await rig.start();
  await rig.seconds(61, { metres: 0 });
  rig.works = false;
  rig.line?.ended(new WatchpostError('WP2370'));
  await rig.clock.advance(400_000);
  t.strictSame(rig.told, ['found in place', 'lost WP2370']);
  t.ok(rig.opened > 30, 'it went on trying');
  rig.works = true;
  await rig.clock.advance(10_000);
  await rig.seconds(61, { metres: 0 });
  t.strictSame(rig.told.at(-1), 'found in place');
  await rig.tamper.close();
  t.equal(rig.clock.pending, 0);
});

t.test('a place without coordinates is a clear error', async (t) => {
  await t.rejects(new Rig(null).start(), { code: 'WP2373' });
});

t.test('sensors of the same receiver share it, and say nothing of an old fix', async (t) => {
  const rig = new Rig();
  await rig.start();
  const sensor = (measure: 'hdop' | 'satellites' | 'distance') =>
    new GnssSensor({ name: measure, unit: '1', measure, home: HOME, receiver: rig.receiver });
  const sensors = [sensor('hdop'), sensor('satellites'), sensor('distance')];
  for (const one of sensors) await one.start();
  await t.rejects(async () => sensors[0]?.read(), { code: 'WP2372' });
  await rig.seconds(1, { metres: 12, hdop: 1.1, satellites: 9 });
  t.same(await Promise.all(sensors.map((one) => one.read())), [1.1, 9, 12]);
  t.equal(rig.opened, 1);
  await rig.clock.advance(30_000);
  await t.rejects(async () => sensors[0]?.read(), { code: 'WP2372' });
  await rig.tamper.close();
  t.equal(rig.closed, 0, 'others still listen');
  for (const one of sensors) await one.close();
  t.equal(rig.closed, 1);
});
