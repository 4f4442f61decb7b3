import t from 'tap';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { NO_BOARD, TestBoard } from '../board/board.ts';
import { portsOf, rigOf, WatchedClock } from './parts-on-board.ts';

const opts = { skip: NO_BOARD, timeout: 120_000 };
const HEARTBEAT_MS = 1_000;
/** The library counts a pulse in half microseconds and starts the next one some cycles late. */
const OFF_BY_US = 8;

function barrier(more: object = {}): DeviceProfile['actuators'][number] {
  const [entry] = DeviceProfile.shape.actuators.parse([
    {
      ...{ name: 'barrier', positions: { open: 90, closed: 0 }, rest: 'closed' },
      with: { driver: 'firmata', board: 'post', pin: 9, ...more },
    },
  ]);
  if (entry === undefined) throw new TypeError('an entry was parsed');
  return entry;
}

/** What an actuator tells, in order. */
function hearing() {
  const told: string[] = [];
  const { promise: lost, resolve: onLost } = Promise.withResolvers<void>();
  return {
    told,
    gone: lost,
    listener: {
      lost: ({ code }: { code: string }) => {
        told.push(code);
        onLost();
      },
      back: () => void told.push('back'),
    },
  };
}

t.test('each position is a pulse of its own length, as the profile gives the range', opts, async (t) => {
  const board = await TestBoard.make(t);
  const { makers } = rigOf(portsOf({ post: board }), new WatchedClock());
  const servo = makers.actuator(barrier());
  const narrow = makers.actuator({ ...barrier({ pin: 4, minUs: 1000, maxUs: 2000 }), name: 'flag' });
  await Promise.all([servo.start(hearing().listener), narrow.start(hearing().listener)]);
  const is = async (pin: number, us: number, what: string) => {
    const seen = await board.pulse(pin);
    t.ok(Math.abs(seen - us) <= OFF_BY_US, `${what}: ${us} µs, seen ${seen}`);
  };
  await is(9, 544, 'at rest, 0°');
  await servo.turn(90);
  await is(9, 1472, '90°');
  await is(4, 1000, 'the other, at rest');
  await narrow.turn(180);
  await is(4, 2000, 'the other, 180°');
  await is(9, 1472, 'the first holds');
  await servo.turn(0);
  await is(9, 544, 'closed again');
  await Promise.all([servo.close(), narrow.close()]);
});

t.test('one that may idle is let go after the turn, and turns again when told', opts, async (t) => {
  const board = await TestBoard.make(t);
  const clock = new WatchedClock();
  const { makers } = rigOf(portsOf({ post: board }), clock);
  const servo = makers.actuator(barrier({ idleAfterS: 2 }));
  const lamp = makers.lamp({ driver: 'firmata', board: 'post', pin: 11 });
  await Promise.all([servo.start(hearing().listener), lamp.start()]);
  await servo.turn(90);
  t.ok((await board.pulse(9)) > 1400, 'it turns');
  await clock.advance(1_500);
  await servo.turn(180);
  await clock.advance(1_500);
  t.ok((await board.pulse(9)) > 2300, 'a turn in the meantime has its whole time');
  await clock.advance(500);
  for (let us = 0; us !== -1; us = await board.pulse(9));
  t.pass('no pulse holds it any more');
  lamp.show('idle');
  const dimmed = board.next(11, (level) => level > 0 && level < 255);
  await servo.turn(0);
  t.ok(Math.abs((await board.pulse(9)) - 544) <= OFF_BY_US, 'told again, it turns again');
  await dimmed;
  t.pass('and a lamp on another timer is dimmed beside it');
  await Promise.all([servo.close(), lamp.close()]);
  t.equal(clock.pending, 0, 'no timer is left behind');
});

t.test(
  'unplugged, it refuses orders; back, it is at rest and not where it was sent before',
  opts,
  async (t) => {
    const board = await TestBoard.make(t);
    const clock = new WatchedClock();
    const { makers, healthy } = rigOf(portsOf({ post: board }), clock);
    const servo = makers.actuator(barrier());
    const { told, gone, listener } = hearing();
    await servo.start(listener);
    await servo.turn(90);
    await board.unplug();
    await clock.advance(HEARTBEAT_MS);
    await gone;
    await t.rejects(servo.turn(0), { code: 'WP2323' });
    await board.plugIn();
    await clock.advance(3_000);
    await healthy('board:post', 'ok');
    t.strictSame(told, ['back', 'WP2323', 'back']);
    t.ok(Math.abs((await board.pulse(9)) - 544) <= OFF_BY_US, 'closed, which is its rest');
    await servo.close();
  },
);

t.test('a pin that carries no servo is told of the actuator alone', opts, async (t) => {
  const board = await TestBoard.make(t);
  const { makers, healthy } = rigOf(portsOf({ post: board }), new WatchedClock());
  const servo = makers.actuator(barrier({ pin: 'A0' }));
  await t.rejects(servo.start(hearing().listener), { code: 'WP2325' });
  const { code, detail } = await healthy('board:post', 'degraded');
  t.match([code, detail], ['WP2325', /barrier, pin A0/]);
  await servo.close();
});
