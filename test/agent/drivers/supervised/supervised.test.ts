import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { SimSensor } from '#agent/drivers/sim/sensor.ts';
import { circuitState, ohmOf } from '#agent/drivers/supervised/circuit.ts';
import { SupervisedConfig } from '#agent/drivers/supervised/config.ts';
import { SupervisedContact } from '#agent/drivers/supervised/supervised-contact.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { simWorld } from '../sim/sim-world.ts';

const CONFIG = {
  driver: 'supervised',
  sensor: { driver: 'sim', value: 4700 },
  reads: 'ohm',
  normalOhm: 4700,
  pressedOhm: 2350,
} as const;
const VOLTS = { ...CONFIG, reads: 'volt', supplyV: 3.3, pullUpOhm: 4700 } as const;

/** A circuit whose ohms the test sets; told is what the agent heard. */
async function rig(start: number | 'fail' = 4700) {
  const world = simWorld({ sensors: { panic: 0 } });
  world.setSensor('panic', start);
  const clock = new ManualDeviceClock();
  const contact = new SupervisedContact({
    ...{ name: 'panic', kind: 'button', clock },
    config: SupervisedConfig.parse(CONFIG),
    sensor: new SimSensor({ name: 'panic', unit: 'Ohm', world }),
  });
  const told: string[] = [];
  const level = await contact.start({
    edge: ({ active }) => told.push(active ? 'pressed' : 'released'),
    lost: ({ code }) => told.push(code),
    back: (active) => told.push(`found ${active ? 'pressed' : 'normal'}`),
  });
  /** So long at so many ohms; a look is every 50 ms. */
  const hold = async (ohm: number | 'fail', ms = 100) => {
    world.setSensor('panic', ohm);
    await clock.advance(ms);
  };
  return { contact, clock, told, hold, level };
}

t.test('normal, pressed, cut and shorted, each told once', async (t) => {
  const { contact, clock, told, hold, level } = await rig();
  t.equal(level, null, 'known two readings later');
  await hold(4700);
  await hold(4700, 1000);
  await hold(2350, 1000);
  await hold(4700);
  await hold(Number.MAX_VALUE, 1000);
  await hold(4700);
  await hold(2, 1000);
  await hold(4700);
  t.strictSame(told, [
    'found normal',
    'pressed',
    'released',
    'WP2380',
    'found normal',
    'WP2381',
    'found normal',
  ]);
  await contact.close();
  t.equal(clock.pending, 0);
});

t.test('a press cut off in the middle is not released, and what it is found at is told', async (t) => {
  const { contact, told, hold } = await rig();
  for (const ohm of [4700, 2350, 1e9, 1, 2350]) await hold(ohm);
  t.strictSame(told, ['found normal', 'pressed', 'WP2380', 'WP2381', 'found pressed']);
  await contact.close();
});

t.test('one reading alone says nothing', async (t) => {
  const { contact, told, hold } = await rig();
  await hold(4700);
  for (const ohm of [2350, 4700, 1e9, 4700, 1, 4700, 2350]) await hold(ohm, 50);
  t.strictSame(told, ['found normal']);
  await contact.close();
});

t.test('a reader that fails three times in a row is lost with its own code, and found again', async (t) => {
  const { contact, told, hold } = await rig();
  await hold(4700);
  await hold('fail', 100);
  await hold(4700);
  t.strictSame(told, ['found normal']);
  await hold('fail', 150);
  await hold('fail', 1000);
  await hold(2350);
  t.strictSame(told, ['found normal', 'WP2318', 'found pressed']);
  await contact.close();
});

t.test('resistors and lines are never exact, and whoever changes them is found out', async (t) => {
  for (const share of [0.8, 0.9, 1, 1.1, 1.2]) {
    t.equal(circuitState(4700 * share, CONFIG, null), 'normal', `${share}`);
    t.equal(circuitState(2350 * share, CONFIG, null), 'pressed', `${share}`);
  }
  t.equal(circuitState(2350 / 2.1, CONFIG, null), 'shorted');
  t.equal(circuitState(4700 * 2.1, CONFIG, null), 'cut');
  t.equal(circuitState(0, CONFIG, null), 'shorted');
  t.equal(circuitState(Number.POSITIVE_INFINITY, CONFIG, null), 'cut');
});

t.test('it holds with the resistances the other way round', async (t) => {
  const opening = { normalOhm: 1000, pressedOhm: 2000 };
  t.equal(circuitState(1000, opening, null), 'normal');
  t.equal(circuitState(2000, opening, null), 'pressed');
  t.equal(circuitState(400, opening, null), 'shorted');
  t.equal(circuitState(4100, opening, null), 'cut');
});

t.test('at each limit the state before holds on by 5 %, in both directions', async (t) => {
  const limits = [
    [2350 / 2, 'shorted', 'pressed'],
    [Math.sqrt(2350 * 4700), 'pressed', 'normal'],
    [4700 * 2, 'normal', 'cut'],
  ] as const;
  for (const [ohm, below, above] of limits) {
    for (const share of [0.96, 1.04]) {
      t.equal(circuitState(ohm * share, CONFIG, below), below, `${below} ${share}`);
      t.equal(circuitState(ohm * share, CONFIG, above), above, `${above} ${share}`);
    }
    t.equal(circuitState(ohm * 1.06, CONFIG, below), above);
    t.equal(circuitState(ohm * 0.94, CONFIG, above), below);
  }
});

t.test('volts over the circuit are ohms by its pull-up', async (t) => {
  const config = SupervisedConfig.parse(VOLTS);
  t.equal(Math.round(ohmOf(1.65, config)), 4700);
  t.equal(Math.round(ohmOf(1.1, config)), 2350);
  t.equal(ohmOf(3.3, config), Number.POSITIVE_INFINITY);
  t.equal(ohmOf(-0.01, config), 0, 'a converter reads a little below zero');
});

t.test('what cannot be told apart, or read, is refused with its path', async (t) => {
  const schema = DRIVER_SCHEMAS.input.supervised;
  const issue = (value: object) => schema?.safeParse(value).error?.issues[0];
  t.equal(issue(CONFIG), undefined);
  t.equal(issue(VOLTS), undefined);
  t.match(issue({ ...CONFIG, pressedOhm: 4000 })?.message, /differ by half/);
  t.match(issue({ ...CONFIG, supplyV: 3.3 })?.message, /pullUpOhm/);
  t.match(issue({ ...CONFIG, reads: 'volt' })?.message, /pullUpOhm/);
  t.match(issue({ ...CONFIG, sensor: { driver: 'tea-leaves' } })?.path, ['sensor', 'driver']);
  t.match(issue({ ...CONFIG, sensor: { driver: 'iio', device: 'x' } })?.path, ['sensor', 'channel']);
});
