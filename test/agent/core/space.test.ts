import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MAX_VOLATILE_ALARMS } from '#agent/core/journal/volatile-alarms.ts';
import { countedRows, PRESS, RELEASE, removeDir, startDevice, tempDir } from './support/device.ts';
import { ModelLedger } from './support/model-ledger.ts';

type Tap = Pick<typeof t, 'teardown'>;
const KIB = 1024;

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);

t.test(
  'past the quota telemetry goes first, then the oldest events; each drop is counted and declared',
  async (t) => {
    const dir = tempDir();
    const device = startDevice({ dir, maxBytes: 512 * KIB });
    t.teardown(() => {
      device.close();
      removeDir(dir);
    });
    for (let n = 0; n < 40; n += 1) {
      for (let m = 0; m < 60; m += 1) {
        device.journal.recordSample({ sensor: 'heat', value: m, unit: 'C', time: 'x'.repeat(40), mono: '0' });
      }
      await device.clock.advance(60_000);
    }
    const samples = device.journal.queues().telemetry;
    const events = Array.from({ length: 400 }, () => device.note());
    t.ok(device.journal.queues().telemetry < samples, 'telemetry made room');
    t.equal(device.journal.queues().event, 400, 'and no event was lost to it');
    events.push(...Array.from({ length: 1_600 }, () => device.note()));
    t.equal(device.journal.queues().telemetry, 0);
    t.match(device.journal.queues(), countedRows(device), 'what was dropped is not counted as waiting');
    const { dropped } = device.journal.counters();
    t.ok(dropped.event > 0);
    const alarms = Array.from({ length: 20 }, () => device.press());
    const ledger = new ModelLedger();
    device.connect(ledger).settle();
    t.same(idsOf(ledger.ofLane('alarm')), alarms, 'no alarm was touched');
    const arrived = idsOf(ledger.ofLane('event')).filter((id) => events.includes(id));
    t.equal(arrived.length, events.length - dropped.event, 'what did not arrive was counted');
    t.same(arrived, events.slice(dropped.event), 'and it was the oldest');
    const told = ledger.ofType('wp.lane.dropped.v1').map(({ data }) => data);
    const count = told
      .filter(({ lane }) => lane === 'event')
      .reduce((sum, data) => sum + Number(data.to) - Number(data.from) + 1, 0);
    t.equal(count, dropped.event, 'and declared');
    t.ok(told.length < 10, 'as ranges, not one by one');
    t.same(device.journal.queues(), { alarm: 0, event: 0, telemetry: 0 });
  },
);

t.test('an alarm that cannot be stored goes out from memory until the ledger names it', async (t) => {
  const dir = tempDir();
  const ledger = new ModelLedger();
  const device = startDevice({ dir, alarmMaxBytes: 15 * 4096 });
  t.teardown(() => {
    device.close();
    removeDir(dir);
  });
  const stored: string[] = [];
  const unstored: string[] = [];
  for (let n = 0; n < 120; n += 1) {
    const alarm = device.journal.recordAlarm('wp.panic.pressed.v1', PRESS);
    (alarm.stored ? stored : unstored).push(alarm.id);
  }
  t.ok(stored.length > 0 && unstored.length > 0, `${stored.length} fitted`);
  t.equal(device.journal.counters().unstored, unstored.length);
  t.ok(device.log.codes().includes('WP2006'));
  t.same(device.stages, [], 'with no link nothing is claimed');
  const lost = device.connect(ledger);
  while (lost.swallowOne() !== null);
  lost.drop();
  t.equal(device.journal.counters().unstored, unstored.length, 'a PUBACK is not enough');
  device.connect(ledger).settle();
  t.same(idsOf(ledger.ofLane('alarm')).sort(), [...stored, ...unstored].sort(), 'each exactly once');
  const fromMemory = ledger.ofLane('alarm').filter(({ wpstored }) => wpstored === false);
  t.same(idsOf(fromMemory).sort(), [...unstored].sort());
  t.ok(fromMemory.every(({ wpseq }) => wpseq === undefined));
  t.equal(device.journal.counters().unstored, 0);
  t.equal(device.stages.filter((stage) => stage.startsWith('received')).length, 120);
});

t.test('the oldest unstored alarms are never pushed out by new ones', async (t) => {
  const dir = tempDir();
  const device = startDevice({ dir, alarmMaxBytes: 15 * 4096 });
  t.teardown(() => {
    device.close();
    removeDir(dir);
  });
  const ids: string[] = [];
  while (!device.log.codes().includes('WP2007')) {
    const { id, stored } = device.journal.recordAlarm('wp.panic.pressed.v1', PRESS);
    if (!stored) ids.push(id);
  }
  const held = device.journal.volatileAlarms().map(({ id }) => id);
  t.same(held, ids.slice(0, MAX_VOLATILE_ALARMS));
});

/** A file system of a few MiB of its own, or null where mounting is not allowed. */
function smallDisk(test: Tap, mib: number): string | null {
  const home = tempDir();
  const image = join(home, 'image');
  const disk = join(home, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('truncate', ['-s', `${mib}M`, image], { stdio: 'ignore' });
    execFileSync('mkfs.ext4', ['-q', '-m', '0', image], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'loop', image, disk], { stdio: 'ignore' });
  } catch {
    removeDir(home);
    return null;
  }
  test.teardown(() => {
    execFileSync('umount', [disk]);
    removeDir(home);
  });
  return disk;
}

function fill(disk: string, name = 'filler'): void {
  const { bavail, bsize } = statfsSync(disk);
  for (const [n, bytes] of [bavail * bsize, 256 * KIB, 64 * KIB, 16 * KIB, 4 * KIB, 4 * KIB].entries()) {
    try {
      writeFileSync(join(disk, `${name}-${n}`), Buffer.alloc(bytes, 1));
    } catch {
      // Full is what is wanted.
    }
  }
}

t.test('on a full disk alarms are stored at the cost of ballast, telemetry and events', async (t) => {
  const disk = smallDisk(t, 8);
  if (disk === null) {
    t.comment('mounting is not allowed here: only the quotas above were tried');
    return;
  }
  const dir = join(disk, 'device');
  const options = { dir, ballastBytes: 1024 * KIB };
  let device = startDevice(options);
  t.teardown(() => device.close());
  await device.clock.advance(1_000);
  t.ok(existsSync(join(dir, 'ballast')), 'the ballast is set aside');
  const events = Array.from({ length: 200 }, () => device.note());
  for (let n = 0; n < 500; n += 1) {
    device.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: 'x'.repeat(40), mono: '0' });
  }
  await device.clock.advance(60_000);
  t.ok(device.journal.queues().event >= 200);
  fill(disk);
  const alarms = Array.from({ length: 300 }, () => device.journal.recordAlarm('wp.panic.pressed.v1', PRESS));
  t.ok(
    alarms.every(({ stored }) => stored),
    'every alarm is on disk',
  );
  t.equal(device.journal.counters().disk, 'full');
  t.notOk(existsSync(join(dir, 'ballast')), 'the ballast was given back');
  t.doesNotThrow(() => device.note(), 'an event may be recorded all the same');
  const { telemetry: _waiting, ...queues } = device.journal.queues();
  t.match(countedRows(device), { event: queues.event }, 'what the disk did not take is not counted');
  device.close();
  device = startDevice(options);
  t.ok(device.journal.recordAlarm('wp.panic.pressed.v1', PRESS).stored, 'it starts again on the full disk');
  const ledger = new ModelLedger();
  device.connect(ledger).settle();
  t.same(
    idsOf(ledger.ofLane('alarm')).slice(0, 300),
    alarms.map(({ id }) => id),
  );
  t.ok(events.length - idsOf(ledger.ofLane('event')).filter((id) => events.includes(id)).length <= 200);
  for (let n = 0; n < 6; n += 1) rmSync(join(disk, `filler-${n}`), { force: true });
  await device.clock.advance(30_000);
  t.equal(device.journal.counters().disk, 'ok', 'with room again the ballast is set aside again');
  t.ok(existsSync(join(dir, 'ballast')));
});

t.test('a disk that something else fills again and again still stores every alarm', async (t) => {
  const disk = smallDisk(t, 16);
  if (disk === null) {
    t.comment('mounting is not allowed here');
    return;
  }
  const device = startDevice({ dir: join(disk, 'device'), ballastBytes: 1024 * KIB });
  t.teardown(() => device.close());
  await device.clock.advance(1_000);
  for (let n = 0; n < 10_000; n += 1) {
    device.journal.recordEvent('wp.tamper.closed.v1', RELEASE);
    if (n % 200 === 0) device.journal.flush();
  }
  device.journal.flush();
  const alarms: { stored: boolean }[] = [];
  for (let n = 0; n < 200; n += 1) {
    if (n % 80 === 0) fill(disk, `again-${n}`);
    alarms.push(device.journal.recordAlarm('wp.panic.pressed.v1', PRESS));
  }
  t.equal(alarms.filter(({ stored }) => stored).length, alarms.length, 'at the cost of the oldest events');
  const { dropped } = device.journal.counters();
  t.ok(dropped.event > 0 && device.journal.queues().event > 0, `of which ${dropped.event} went, and not all`);
});

t.test('what was rolled back is not counted as waiting, and counted once when it is written', async (t) => {
  let fails = false;
  const failpoint = (name: string) => {
    if (fails && name === 'journal.event.before-commit') throw new RangeError('the disk is away');
  };
  const device = startDevice({ dir: tempDir(), failpoint });
  t.teardown(() => {
    device.close();
    removeDir(device.dir);
  });
  device.note();
  const { event } = device.journal.queues();
  fails = true;
  device.note();
  t.equal(device.journal.queues().event, event);
  fails = false;
  await device.clock.advance(1_000);
  t.equal(device.journal.queues().event, event + 1);
  t.match(device.journal.queues(), countedRows(device));
});
