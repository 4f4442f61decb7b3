import { fileURLToPath } from 'node:url';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceState } from '#contract/messages.ts';
import { clientIdOf } from '#contract/names.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import { Renewal } from './behaviours/renewal/renewal.ts';
import { runProgram } from './drivers/exec/run-program.ts';
import { DeviceKeys } from './link/identity/device-keys.ts';
import type { Failpoint } from './ports/failpoint.ts';
import type { AgentSettings } from './settings.ts';
import type { Spine } from './spine.ts';

/** Loading the library takes 0.2 s of a fast machine; a small board is twenty times slower, and others run beside it. */
const MAKE_LIMIT_MS = 25_000;

export interface KeysWiring {
  readonly settings: AgentSettings;
  readonly pastMs: () => number;
  readonly log: Log;
  readonly failpoint?: Failpoint;
}

/** Null with plain mqtt://. */
export function makeKeys({ settings, ...rest }: KeysWiring): DeviceKeys | null {
  const { address, identityDir } = settings;
  if (identityDir === null) return null;
  return new DeviceKeys({ dir: identityDir, name: clientIdOf(address), makeKey, unseal, ...rest });
}

/** In a process of its own, sealed by the TPM where there is one. Rejects with WP4421. */
export async function makeKey(folder: string, name: string): Promise<string> {
  const { hasTpm } = await import('./installer/identity/tpm.ts');
  const program = fileURLToPath(new URL('./installer/make-request.ts', import.meta.url));
  const tcti = process.env.TPM2TOOLS_TCTI;
  try {
    return await runProgram({
      ...{ command: process.execPath, args: [program, folder, name, hasTpm() ? 'tpm' : 'file'] },
      ...{ timeoutMs: MAKE_LIMIT_MS, clock: systemClock, signal: new AbortController().signal },
      ...(tcti === undefined ? {} : { env: { TPM2TOOLS_TCTI: tcti } }),
    });
  } catch (cause) {
    throw new WatchpostError('WP4421', { detail: cause instanceof Error ? cause.message : '', cause });
  }
}

async function unseal(file: string): Promise<Buffer> {
  const { unsealKey } = await import('./installer/identity/tpm.ts');
  return unsealKey(file);
}

export interface RenewalWiring {
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly log: Log;
}

/** Null on a device without keys. */
export function makeRenewal({ spine, board, panic, log }: RenewalWiring): Renewal | null {
  const { keys, link, journal, clock } = spine;
  if (keys === null) return null;
  return new Renewal({
    ...{ identity: keys, link, recorder: journal, clock, log },
    isQuiet: () => panic.outputs().panic === 'idle',
    onHealth: (health) => board.report('identity', health),
  });
}

/** For `up/state`: what the device is let in by. */
export function certificateOf({ keys }: Spine): Pick<DeviceState, 'certificate'> {
  const certificate = keys?.certificate ?? null;
  return certificate === null ? {} : { certificate: { ...certificate } };
}
