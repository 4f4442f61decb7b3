import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawClips } from '#scripts/clips/draw.ts';
import type { Pc } from './pc.ts';
import { PROJECT } from './pc-files.ts';

const ROOT = '/opt/watchpost';
const IN_GUEST = `${ROOT}/test/hardware/guest/in-guest.ts`;
const node = (): string => join(ROOT, process.execPath.slice(PROJECT.length));
export const SITE_DATA = '/var/lib/watchpost-broker/site';
export const DEVICE_DATA = '/var/lib/watchpost/pillar-001';
const BROKER = ['--data', SITE_DATA, '--mqtt', '127.0.0.1:1883', '--http', '127.0.0.1:8080', '--dev'];
const AGENT = [
  ...['--profile', `${ROOT}/test/hardware/guest/pillar.yaml`, '--site', 'demo', '--device', 'pillar-001'],
  ...['--data', DEVICE_DATA, '--broker', 'mqtt://127.0.0.1:1883'],
];

/** Puts the project's units into `files`, as `scripts/watchpost service install` puts them into an image. */
export async function installServices(files: string): Promise<void> {
  // What its simulated camera sees: the guest can read the project, not write to it.
  await drawClips();
  // Its users are made by the guest itself at its start.
  const image = mkdtempSync(join(tmpdir(), 'wp-image-'));
  try {
    for (const [program, options] of [
      ['broker', BROKER],
      ['agent', AGENT],
    ] as const) {
      const install = ['service', 'install', '--root', image, '--program-dir', ROOT, '--node', node()];
      execFileSync(process.execPath, [join(PROJECT, 'scripts/cli.ts'), ...install, program, ...options]);
    }
    for (const folder of ['etc/systemd', 'etc/sysusers.d']) {
      cpSync(join(image, folder), join(files, folder), { recursive: true, verbatimSymlinks: true });
    }
  } finally {
    rmSync(image, { recursive: true });
  }
}

/** What systemd says of a unit, by the names of systemctl show. */
export async function shown(pc: Pc, unit: string, ...names: string[]): Promise<Record<string, string>> {
  const { output } = await pc.run(`systemctl show ${unit} -p ${names.join(',')}`);
  return Object.fromEntries(output.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/** The process of the agent; it changes when it is started anew. */
export async function agentPid(pc: Pc): Promise<number> {
  return Number((await shown(pc, 'watchpost-agent', 'MainPID')).MainPID);
}

/** Waits, in the guest, until a shell condition holds. */
export async function until(pc: Pc, condition: string): Promise<void> {
  const { status } = await pc.run(
    `for i in $(seq 240); do if ${condition}; then exit 0; fi; sleep 0.5; done; exit 1`,
  );
  if (status !== 0) throw new Error(`never: ${condition}\n${await journal(pc)}`);
}

/** Waits until agent and broker are what their units call active: armed, and listening. */
export async function untilActive(pc: Pc): Promise<void> {
  await until(pc, 'systemctl -q is-active watchpost-agent && systemctl -q is-active watchpost-broker');
}

/** Waits until the agent was started anew and is armed; answers when, in ms of the machine's monotonic clock. */
export async function untilArmedAgain(pc: Pc, formerPid: number): Promise<number> {
  await until(
    pc,
    `[ "$(systemctl show watchpost-agent -P MainPID)" != ${formerPid} ] && systemctl -q is-active watchpost-agent`,
  );
  return await armedMs(pc);
}

/** When the agent said that it is armed, in ms of the machine's monotonic clock. */
export async function armedMs(pc: Pc): Promise<number> {
  const { ActiveEnterTimestampMonotonic } = await shown(
    pc,
    'watchpost-agent',
    'ActiveEnterTimestampMonotonic',
  );
  return Number(ActiveEnterTimestampMonotonic) / 1000;
}

/** The last lines of the project's units. */
export async function journal(pc: Pc, lines = 40): Promise<string> {
  return (await pc.run(`journalctl -b -o short-monotonic --no-pager -u 'watchpost*' -n ${lines}`)).output;
}

/** An order for in-guest.ts. */
export async function order(pc: Pc, ...words: readonly string[]): Promise<unknown> {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { status, output } = await pc.run(
    `cd ${ROOT} && ${node()} --disable-warning=ExperimentalWarning ${IN_GUEST} ${quoted}`,
  );
  if (status !== 0) throw new Error(`${words.join(' ')}: ${output}`);
  return JSON.parse(output.split('\n').at(-1) ?? '');
}

/** Presses the device's button; answers the event's id, which is in its journal by then. */
export async function press(pc: Pc): Promise<string> {
  const answer = await order(pc, 'press', DEVICE_DATA);
  const isAnswer = typeof answer === 'object' && answer !== null && 'id' in answer;
  if (!isAnswer || typeof answer.id !== 'string') throw new Error(`not pressed: ${JSON.stringify(answer)}`);
  return answer.id;
}

/** Lets a program of the guest evaluate something in its event loop; answers when, in ms of the monotonic clock. */
export async function evaluate(pc: Pc, pid: number, expression: string): Promise<number> {
  return Number(await order(pc, 'evaluate', String(pid), expression));
}

/** Waits for events with this text on the site's ledger. */
export async function onLedger(pc: Pc, text: string): Promise<unknown[]> {
  const events = await order(pc, 'events', SITE_DATA, text);
  return Array.isArray(events) ? events : [];
}
