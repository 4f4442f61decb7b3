import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { addonFile } from '#contract/native-addon.ts';
import { renderUnit } from '#scripts/services/unit-file.ts';
import { nodeFlags, ROOT, SITE_ID } from '#scripts/site/demo-site.ts';
import type { TestSite } from '#test/support/site.ts';
import { PlayedSystemd } from './played-systemd.ts';

const FREEZE = new URL('./freeze-on-signal.ts', import.meta.url).href;
const PROGRAM = ROOT.replace(/\/$/, '');

/** Why nothing of this can be shown here, or false. */
export const noService = existsSync(addonFile()) ? false : 'the addon was not built: no C compiler';

/** A device of a test site as a service by its real unit; SIGUSR2 freezes its event loop. */
export function playedAgent(t: Test, site: TestSite, device: string): PlayedSystemd {
  const args = ['--profile', '-', '--site', SITE_ID, '--device', device, '--data', site.folder(device)];
  return played(t, 'agent', [...args, '--broker', `mqtt://127.0.0.1:${site.mqttPort}`], site.folder(device));
}

export function playedBroker(t: Test, data: string, args: readonly string[]): PlayedSystemd {
  return played(t, 'broker', ['--data', data, ...args], data);
}

function played(t: Test, program: 'agent' | 'broker', args: readonly string[], data: string): PlayedSystemd {
  // The unit's own data folder is under /var/lib; only its name differs here.
  const unit = renderUnit(`watchpost-${program}.service`, {
    ...{ root: PROGRAM, node: process.execPath, flags: nodeFlags(program), args, files: [] },
    ...{ data: '/var/lib/watchpost/test', state: '/var/lib/watchpost/test', name: 'test' },
  }).replaceAll('/var/lib/watchpost/test', data);
  // A path of a unix socket has 107 characters at most.
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const env = { NODE_OPTIONS: `--import=${FREEZE}`, XDG_RUNTIME_DIR: dir };
  return new PlayedSystemd(t, { unit, dir, env });
}
