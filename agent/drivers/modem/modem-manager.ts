import { execFile } from 'node:child_process';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { ManagerConfig } from './config.ts';

const ASK = [
  '--json=short',
  'call',
  'org.freedesktop.ModemManager1',
  '/org/freedesktop/ModemManager1',
  'org.freedesktop.DBus.ObjectManager',
  'GetManagedObjects',
];
const MODEM = 'org.freedesktop.ModemManager1.Modem';
/** MM_MODEM_STATE_REGISTERED; what is above it (connecting, connected) is registered too. */
const REGISTERED = 8;
const LIMIT_MS = 5000;
/** A modem has some hundred properties: 10 KiB of JSON each. */
const MOST_BYTES = 512 * 1024;

const Modem = z.object({
  SignalQuality: z.object({ data: z.tuple([z.number(), z.boolean()]) }),
  State: z.object({ data: z.number() }),
  EquipmentIdentifier: z.object({ data: z.string() }).optional(),
});
type Modem = z.infer<typeof Modem>;
const Answer = z.object({ data: z.tuple([z.record(z.string(), z.record(z.string(), z.unknown()))]) });

export interface ManagerParts {
  readonly config: ManagerConfig;
  /** Default: busctl, which is on every machine with systemd. */
  readonly busctl?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Rejects with WP2375 when ModemManager does not answer, and WP2376 when it has no such modem. */
export async function askManager({
  config,
  busctl = 'busctl',
  env = process.env,
}: ManagerParts): Promise<number> {
  const modem = chosen(modemsIn(await call(busctl, env)), config);
  if (config.measure === 'registered') return modem.State.data >= REGISTERED ? 1 : 0;
  return modem.SignalQuality.data[0];
}

function call(busctl: string, env: NodeJS.ProcessEnv): Promise<string> {
  const limits = { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, env } as const;
  return new Promise((resolve, reject) => {
    execFile(busctl, ASK, limits, (cause, stdout, stderr) => {
      if (cause === null) resolve(stdout);
      else
        reject(
          new WatchpostError('WP2375', { detail: (stderr.trim() || cause.message).slice(0, 200), cause }),
        );
    });
  });
}

function modemsIn(text: string): readonly Modem[] {
  try {
    const [objects] = Answer.parse(JSON.parse(text)).data;
    return Object.values(objects).flatMap((interfaces) => {
      const modem = Modem.safeParse(interfaces[MODEM]);
      return modem.success ? [modem.data] : [];
    });
  } catch (cause) {
    throw new WatchpostError('WP2375', { detail: 'what it answered is not understood', cause });
  }
}

/** The only one, or the one with this IMEI: never one of several by chance. */
function chosen(modems: readonly Modem[], { imei }: ManagerConfig): Modem {
  const fitting = modems.filter((modem) => imei === undefined || modem.EquipmentIdentifier?.data === imei);
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  const there = modems.map((modem) => modem.EquipmentIdentifier?.data ?? 'without IMEI').join(', ');
  throw new WatchpostError('WP2376', { detail: `there: ${there || 'none'}` });
}
