import t from 'tap';
import { Pc } from './guest/pc.ts';
import { withoutPc } from './guest/pc-files.ts';
import {
  agentPid,
  armedMs,
  DEVICE_DATA,
  evaluate,
  installServices,
  journal,
  onLedger,
  order,
  press,
  shown,
  until,
  untilActive,
  untilArmedAgain,
} from './guest/services.ts';

/** The promise for an event loop that stands still, on the guest's own clock. */
const ARMED_AGAIN_WITHIN_MS = 10_000;
const GROUP = '/sys/fs/cgroup/system.slice/watchpost-agent.service';
const STAND_STILL = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
const TAKE_ALL_MEMORY = 'globalThis.all = []; for (;;) all.push(Buffer.alloc(1_000_000, 1))';
/** systemd gets no processor any more, so that nobody feeds the hardware's watchdog; a moment later, to be answered. */
const STOP_SYSTEMD = '(sleep 1; echo 1 >/sys/fs/cgroup/init.scope/cgroup.freeze) >/dev/null 2>&1 &';

const withId = (id: string): string => `"id":"${id}"`;
const inS = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const skip = await withoutPc();

t.test('services under systemd, with a hardware watchdog', { skip }, async (t) => {
  const beganMs = performance.now();
  const pc = await Pc.start(installServices);
  t.teardown(() => pc.close());
  const toldHowLong = () => t.comment(`${inS(performance.now() - beganMs)} of this machine so far`);

  await t.test('agent and broker start without a network, and say when they are ready', async (t) => {
    t.equal((await pc.run('cd /sys/class/net && echo *')).output, 'lo');
    await untilActive(pc);
    t.match(await shown(pc, 'watchpost-agent', 'StatusText', 'NRestarts', 'WatchdogUSec', 'User'), {
      ...{ StatusText: 'armed', NRestarts: '0', WatchdogUSec: '6s', User: 'watchpost' },
    });
    t.match(await shown(pc, 'watchpost-broker', 'StatusText', 'NRestarts', 'WatchdogUSec', 'User'), {
      ...{ StatusText: /^dev, /, NRestarts: '0', WatchdogUSec: '6s', User: 'watchpost-broker' },
    });
    t.equal(
      (await pc.run('systemctl --failed --plain --no-legend')).output,
      '',
      'no unit of the machine failed',
    );
    const id = await press(pc);
    t.equal((await onLedger(pc, withId(id))).length, 1, 'a press is on the ledger');
    await order(pc, 'release', DEVICE_DATA);
    toldHowLong();
  });

  await t.test('a vision process that takes more than its share is killed alone', async (t) => {
    const pid = await agentPid(pc);
    const members = async (group: string) => (await pc.run(`cat ${GROUP}/${group}/cgroup.procs`)).output;
    await until(pc, `[ -n "$(cat ${GROUP}/vision/cgroup.procs)" ]`);
    const vision = await members('vision');
    t.equal(await members('agent'), String(pid), 'each has a group of its own');
    t.equal((await pc.run(`cat ${GROUP}/vision/memory.max`)).output, String(64 * 1024 * 1024));
    await evaluate(pc, Number(vision), TAKE_ALL_MEMORY);
    await until(pc, `grep -q '^oom_group_kill [1-9]' ${GROUP}/vision/memory.events`);
    await until(pc, `now=$(cat ${GROUP}/vision/cgroup.procs); [ -n "$now" ] && [ "$now" != '${vision}' ]`);
    t.equal(await agentPid(pc), pid, 'the agent goes on');
    t.match(await shown(pc, 'watchpost-agent', 'NRestarts', 'ActiveState'), {
      ...{ NRestarts: '0', ActiveState: 'active' },
    });
    toldHowLong();
  });

  await t.test(
    'an agent whose event loop stands still is killed, and armed again within ten seconds',
    async (t) => {
      const pid = await agentPid(pc);
      const stoodStillMs = await evaluate(pc, pid, STAND_STILL);
      const afterMs = (await untilArmedAgain(pc, pid)) - stoodStillMs;
      t.comment(`standing still to armed again: ${inS(afterMs)} of the guest`);
      t.ok(afterMs <= ARMED_AGAIN_WITHIN_MS);
      t.match(await journal(pc, 300), /Watchdog timeout/, 'by systemd');
      t.match(await onLedger(pc, '"cause":"watchdog"'), [{ data: { crashes: 1, safeMode: false } }]);
      toldHowLong();
    },
  );

  await t.test(
    'a machine that stands still is reset, and a press from before is on the ledger after',
    async (t) => {
      await pc.run('systemctl stop watchpost-broker');
      const id = await press(pc);
      const up = pc.up();
      await pc.run(STOP_SYSTEMD);
      await up;
      await untilActive(pc);
      t.comment(`start of the kernel to armed: ${inS(await armedMs(pc))} of the guest`);
      t.equal((await onLedger(pc, withId(id))).length, 1);
      t.match(await onLedger(pc, '"cause":"reset"'), [
        { type: 'wp.agent.restarted.v1', data: { crashes: 2 } },
      ]);
      toldHowLong();
    },
  );

  await t.test('after four ends in a row it runs in safe mode: the alarm path alone', async (t) => {
    for (const _ of ['third', 'fourth']) {
      const pid = await agentPid(pc);
      await pc.run(`kill -KILL ${pid}`);
      await untilArmedAgain(pc, pid);
    }
    t.match(await shown(pc, 'watchpost-agent', 'StatusText'), { StatusText: /safe mode/ });
    t.match(await onLedger(pc, '"safeMode":true'), [{ data: { cause: 'crash', crashes: 4 } }]);
    t.equal((await pc.run(`cat ${GROUP}/vision/cgroup.procs 2>/dev/null`)).output, '', 'no vision process');
    toldHowLong();
  });
});

t.test('a press at the moment when the power goes is on the ledger after, once', { skip }, async (t) => {
  const pc = await Pc.start(installServices);
  t.teardown(() => pc.close());
  await untilActive(pc);
  await pc.run('systemctl stop watchpost-broker');
  const id = await press(pc);
  await pc.cutPower();
  await untilActive(pc);
  t.equal((await onLedger(pc, withId(id))).length, 1);
  t.match(await onLedger(pc, '"cause":"power"'), [{ data: { crashes: 0, safeMode: false } }]);
});
