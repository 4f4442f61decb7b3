import t from 'tap';
import {
  BUILT_AT_MS,
  machineBootId,
  machineClockSource,
  SystemDeviceClock,
} from '#agent/core/device-clock.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function begin(wallMs: number) {
  const clock = new ManualClock(wallMs);
  const machine = { synced: false };
  const source = { wallMs: () => clock.wallMs(), isSynced: () => machine.synced };
  const device = new SystemDeviceClock({ clock, source, bootId: 'b' });
  const qualities: string[] = [];
  device.onQuality((quality) => qualities.push(quality));
  device.start();
  return { clock, machine, device, qualities };
}

t.test('a clock behind the build of the program is unset until the site’s time is offered', async (t) => {
  const { clock, device, qualities } = begin(1_000);
  t.equal(device.quality(), 'unset');
  device.offerSiteTime(Number.NaN);
  device.offerSiteTime(5);
  t.equal(device.quality(), 'unset', 'a time that cannot be is not believed');
  device.offerSiteTime(BUILT_AT_MS + 60_000);
  t.equal(device.quality(), 'synced');
  t.equal(device.wallMs(), BUILT_AT_MS + 60_000);
  await clock.advance(1_000);
  t.equal(device.wallMs(), BUILT_AT_MS + 61_000, 'and runs on');
  t.same(qualities, ['synced']);
  device.close();
  t.equal(clock.pending, 0);
});

t.test('the machine’s own time wins once it is set', async (t) => {
  const { clock, machine, device, qualities } = begin(1_000);
  device.offerSiteTime(BUILT_AT_MS + 60_000);
  clock.setWall(BUILT_AT_MS + 500_000);
  machine.synced = true;
  await clock.advance(5_000);
  t.equal(device.wallMs(), BUILT_AT_MS + 505_000);
  t.equal(device.quality(), 'synced');
  t.same(qualities, ['synced']);
  device.close();
});

t.test('between the setting of the machine’s clock and the next look nothing is dated twice over', (t) => {
  const { clock, device } = begin(1_000);
  device.offerSiteTime(BUILT_AT_MS + 60_000);
  clock.setWall(BUILT_AT_MS + 70_000);
  t.equal(device.wallMs(), BUILT_AT_MS + 70_000, 'not the site’s time on top of it');
  t.equal(device.quality(), 'synced');
  device.close();
  t.end();
});

t.test(
  'a plausible clock that nothing has confirmed is holdover, and the site’s time does not move it',
  async (t) => {
    const { device } = begin(BUILT_AT_MS + 1);
    t.equal(device.quality(), 'holdover');
    device.offerSiteTime(BUILT_AT_MS + 999_999);
    t.equal(device.wallMs(), BUILT_AT_MS + 1);
    device.close();
  },
);

t.test('the machine’s clock counts from boot and knows its boot', async (t) => {
  const device = new SystemDeviceClock({
    clock: systemClock,
    source: machineClockSource,
    bootId: machineBootId(),
  });
  t.match(device.bootId, /^[0-9a-f-]{36}$/);
  const first = device.sinceBootMs();
  t.ok(device.sinceBootMs() >= first);
  t.ok(first > process.uptime() * 1000, 'the machine was up before this process');
});

t.test('the device’s clock is the one that the kernel stamps edges with', async (t) => {
  const device = new SystemDeviceClock({
    clock: systemClock,
    source: machineClockSource,
    bootId: machineBootId(),
  });
  const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;
  // One look may be put off between its two clocks; the nearest of many is not.
  const behind = Array.from({ length: 50 }, () => monotonicMs() - device.sinceBootMs());
  const nearestMs = Math.min(...behind.map(Math.abs));
  t.ok(nearestMs < 1, `${nearestMs} ms apart`);
});
