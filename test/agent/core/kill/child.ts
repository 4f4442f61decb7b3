import { writeSync } from 'node:fs';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import { Outbox } from '#agent/core/outbox/outbox.ts';
import { MqttLink } from '#agent/link/mqtt-link.ts';
import { TcpTransport } from '#agent/link/transport.ts';
import { killAt, noFailpoint } from '#agent/ports/failpoint.ts';
import { systemClock } from '#contract/clock.ts';
import { ADDRESS, KeptLog, PRESS, RELEASE } from '../support/device.ts';

/**
 * A device in a process of its own, to be killed: `child.ts DIR URL MODE [FAILPOINT SKIP]`. In mode `work` it goes
 * on recording; in mode `drain` it delivers what is there and ends. What it claims it writes to standard output.
 */
const [dir = '', url = '', mode = '', name = '', skip = '0'] = process.argv.slice(2);

const failpoint = name === '' ? noFailpoint : killAt(name, Number(skip));
const log = new KeptLog();
const source = { wallMs: () => Date.now(), isSynced: () => true };
const clock = new SystemDeviceClock({ clock: systemClock, bootId: 'boot-1', source });
const sizes = { maxBytes: 4 * 1024 * 1024, ballastBytes: 65_536, keepAlarmsDays: 30 };
const journal = new Journal({ dir, address: ADDRESS, clock, log, failpoint, ...sizes });
journal.start();
const outbox = new Outbox({ address: ADDRESS, journal, clock, log, failpoint, window: 20, alarmSlots: 4 });
outbox.start();
const link = new MqttLink({
  address: ADDRESS,
  urls: [url],
  transport: new TcpTransport(),
  traffic: outbox,
  state: () => ({}),
  memory: journal.memory,
  clock,
  log,
  failpoint,
  keepaliveS: 20,
  backoffMaxS: 1,
});
link.start();

function claim(word: string, id: string): void {
  writeSync(1, `${word} ${id}\n`);
}

let worked = 0;
function work(): void {
  worked += 1;
  claim('alarm', journal.recordAlarm('wp.panic.pressed.v1', PRESS).id);
  const event = journal.recordEvent('wp.tamper.closed.v1', RELEASE);
  journal.recordSample({ sensor: 's', value: worked, unit: '1', time: '2026-11-20T00:00:00Z', mono: '1' });
  if (worked % 3 === 0) {
    journal.flush();
    claim('event', event);
  }
}

async function endWhenDrained(): Promise<void> {
  const { alarm, event, telemetry } = journal.queues();
  if (link.state !== 'up' || alarm + event + telemetry > 0) return;
  clearInterval(timer);
  await link.close();
  outbox.close();
  journal.close();
  claim('drained', 'all');
}

const timer = setInterval(() => (mode === 'work' ? work() : void endWhenDrained()), 10);
