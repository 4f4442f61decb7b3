import t from 'tap';
import { NO_BOARD, TestBoard } from '../board/board.ts';
import { button, Heard, portsOf, rigOf, sensor, WatchedClock } from './parts-on-board.ts';

const opts = { skip: NO_BOARD, timeout: 120_000 };
/** By then at the latest a pulled cable is found out. */
const HEARTBEAT_MS = 1_000;

t.test(
  'a press and a release on a pin arrive, dated since boot, with the lamp of the port blinking',
  opts,
  async (t) => {
    const board = await TestBoard.make(t);
    const clock = new WatchedClock();
    const { makers } = rigOf(portsOf({ post: board }), clock);
    const heard = new Heard(makers.input(button('post', 4)));
    const lamp = makers.lamp({ driver: 'firmata', board: 'post', pin: 7 });
    t.equal(await heard.start(), false, 'the pull-up is on: an open pin is released');
    await lamp.start();
    await clock.advance(700);
    const atMonoMs = clock.sinceBootMs();
    await board.wire(4, 0);
    await heard.count(1);
    const lit = board.next(7, (level) => level === 255);
    lamp.show('pressed');
    await lit;
    const dark = board.next(7, (level) => level === 0);
    await clock.advance(200);
    await dark;
    await board.wire(4, 'open');
    await heard.count(2);
    t.strictSame(heard.short, ['pressed', 'released'], 'the blinking lamp has left the pull-up on');
    const [first] = heard.told;
    t.match(first, { edge: { active: true, atMonoMs, edges: 1 } });
    await lamp.close();
    t.equal(await board.level(7), 0, 'a closed lamp is dark');
    await heard.contact.close();
  },
);

t.test(
  'unplugged in the middle of a press, everything is lost and comes back without a restart',
  opts,
  async (t) => {
    const board = await TestBoard.make(t);
    const clock = new WatchedClock();
    const { makers, healthy } = rigOf(portsOf({ post: board }), clock);
    const heard = new Heard(makers.input(button('post', 2)));
    const level = makers.sensor(sensor('post', 'A0', { mode: 'analog', high: 5 }));
    const lamp = makers.lamp({ driver: 'firmata', board: 'post', pin: 13 });
    await Promise.all([heard.start(), level.start(), lamp.start()]);
    lamp.show('acknowledged');
    await board.wire(2, 0);
    await heard.count(1);
    await board.unplug();
    await clock.advance(HEARTBEAT_MS);
    const { code, detail } = await healthy('board:post', 'failed');
    t.match([code, detail], ['WP2323', /cable/], 'the health event says what to do');
    await t.rejects(level.read(), { code: 'WP2323' });
    await board.plugIn();
    await board.wire(2, 0);
    await clock.advance(3_000);
    await healthy('board:post', 'ok');
    await heard.count(3);
    t.strictSame(heard.short, ['pressed', 'lost WP2323', 'back pressed']);
    t.equal(await board.level(13), 255, 'the lamp shows what it showed');
    await board.feed(0, 2500);
    await level.read();
    t.ok(Math.abs((await level.read()) - 2.5) < 0.02, 'the sensor reads again');
    await board.wire(2, 'open');
    await heard.count(4);
    t.equal(heard.short.at(-1), 'released');
    await Promise.all([heard.contact.close(), level.close(), lamp.close()]);
  },
);

t.test(
  'two boards at once: each has its own pins, and one that is lost leaves the other',
  opts,
  async (t) => {
    const [left, right] = await Promise.all([TestBoard.make(t), TestBoard.make(t)]);
    const clock = new WatchedClock();
    const { makers, healthy, health } = rigOf(portsOf({ left, right }), clock);
    const atLeft = new Heard(makers.input(button('left', 2)));
    const atRight = new Heard(makers.input(button('right', 2)));
    t.strictSame(await Promise.all([atLeft.start(), atRight.start()]), [false, false]);
    await right.wire(2, 0);
    await atRight.count(1);
    t.strictSame(atLeft.short, []);
    await right.unplug();
    await clock.advance(HEARTBEAT_MS);
    await healthy('board:right', 'failed');
    await left.wire(2, 0);
    await atLeft.count(1);
    t.strictSame(atLeft.short, ['pressed']);
    t.notOk(health.some(({ part, health }) => part === 'board:left' && health.state === 'failed'));
    await Promise.all([atLeft.contact.close(), atRight.contact.close()]);
  },
);

t.test('a board with another firmware is told with a hint, and found once it is flashed', opts, async (t) => {
  const board = await TestBoard.make(t, 'Blink');
  const clock = new WatchedClock();
  const { makers, healthy } = rigOf(portsOf({ post: board }), clock);
  const heard = new Heard(makers.input(button('post', 2)));
  const waits = clock.asked(8_000);
  const starting = heard.start();
  await waits;
  const triesLater = clock.asked(30_000);
  await clock.advance(3_000);
  t.equal(await starting, null, 'the agent goes on meanwhile');
  t.strictSame(heard.short, []);
  await clock.advance(5_000);
  const { code, detail } = await healthy('board:post', 'failed');
  t.match([code, detail], ['WP2322', /StandardFirmata/]);
  await triesLater;
  await board.unplug();
  await board.plugIn();
  await clock.advance(30_000);
  await healthy('board:post', 'ok');
  t.strictSame(heard.short, ['lost WP2322', 'back released']);
  await heard.contact.close();
  t.equal(clock.pending, 0, 'no timer is left behind');
});

t.test('a board that is not there is told with a hint, and found once it is plugged in', opts, async (t) => {
  const board = await TestBoard.make(t);
  await board.unplug();
  const clock = new WatchedClock();
  const { makers, healthy } = rigOf(portsOf({ post: board }), clock);
  const heard = new Heard(makers.input(button('post', 2)));
  const siren = makers.siren({ driver: 'firmata', board: 'post', pin: 8, activeLow: true });
  await t.rejects(heard.start(), { code: 'WP2320' });
  await siren.start();
  siren.set('on');
  const { code, detail } = await healthy('board:post', 'failed');
  t.match([code, detail], ['WP2320', /by-id/]);
  await board.plugIn();
  await clock.advance(3_000);
  await healthy('board:post', 'ok');
  t.equal(await heard.start(), false);
  t.equal(await board.level(8), 0, 'the siren sounds, for it was told to: at 0 V as the profile says');
  siren.set('off');
  await siren.close();
  t.equal(await board.level(8), 255, 'and is silent');
  await heard.contact.close();
  t.equal(clock.pending, 0, 'no timer is left behind');
});

t.test('a board that hangs with its line open is given up, and found again', opts, async (t) => {
  const board = await TestBoard.make(t);
  const clock = new WatchedClock();
  const { makers, healthy } = rigOf(portsOf({ post: board }), clock);
  const heard = new Heard(makers.input(button('post', 2)));
  await heard.start();
  board.freeze();
  await clock.advance(20_000);
  t.equal((await healthy('board:post', 'failed')).code, 'WP2326');
  board.thaw();
  await clock.advance(3_000);
  await healthy('board:post', 'ok');
  t.strictSame(heard.short, ['lost WP2326', 'back released']);
  await heard.contact.close();
});

t.test('what a pin cannot do is told of its part alone', opts, async (t) => {
  const board = await TestBoard.make(t);
  const { makers, healthy } = rigOf(portsOf({ post: board }), new WatchedClock());
  const lamp = makers.lamp({ driver: 'firmata', board: 'post', pin: 60 });
  const heard = new Heard(makers.input(button('post', 2)));
  await t.rejects(lamp.start(), { code: 'WP2325' });
  t.equal(await heard.start(), false, 'a button of the same board works');
  const { code, detail } = await healthy('board:post', 'degraded');
  t.match([code, detail], ['WP2325', /lamp, pin 60/], 'and the health event names the part');
  await Promise.all([lamp.close(), heard.contact.close()]);
});

t.test('closed while a board is awaited, nothing goes on looking', opts, async (t) => {
  const board = await TestBoard.make(t, 'Blink');
  const clock = new WatchedClock();
  const { makers, health } = rigOf(portsOf({ post: board }), clock);
  const lamp = makers.lamp({ driver: 'firmata', board: 'post', pin: 6 });
  const waits = clock.asked(8_000);
  const starting = lamp.start();
  await waits;
  await lamp.close();
  await starting;
  t.equal(clock.pending, 0);
  t.strictSame(health, [], 'and nobody is told of a board that nobody wants');
});

t.test(
  'a switch is read as the profile says: as a sensor of two values, as a contact closed at rest',
  opts,
  async (t) => {
    const board = await TestBoard.make(t);
    await Promise.all([board.wire(5, 0), board.wire(4, 0), board.wire(16, 1)]);
    const { makers } = rigOf(portsOf({ post: board }), new WatchedClock());
    const water = makers.sensor(sensor('post', 5, { mode: 'digital', pullup: true, low: 1, high: 0 }));
    const door = makers.sensor(sensor('post', 'A2', { mode: 'digital' }));
    const cabinet = new Heard(makers.input(button('post', 4, { activeLow: false })));
    const [shut] = await Promise.all([cabinet.start(), water.start(), door.start()]);
    t.equal(shut, false, 'held to ground is shut');
    t.equal(await water.read(), 1, 'low is what the profile says');
    t.equal(await door.read(), 1, 'an analog pin reads a switch too');
    // One after another: when the board has told of the last, it has told of all.
    await board.wire(5, 'open');
    await board.wire(16, 0);
    await board.wire(4, 'open');
    await cabinet.count(1);
    t.strictSame(cabinet.short, ['pressed'], 'a cut cable is an alarm');
    t.equal(await water.read(), 0);
    t.equal(await door.read(), 0);
    await Promise.all([cabinet.contact.close(), water.close(), door.close()]);
  },
);
