import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { prepareDevice } from '#scripts/commands/prepare.ts';
import { askSim } from '#scripts/commands/sim-client.ts';
import { DEMO_SITE_FILE, ROOT } from '#scripts/site/demo-site.ts';

const PROFILE = resolve(ROOT, 'device-profiles/pillars/roadside.yaml');

t.test('a press is journalled although the log’s disk is full and nobody reads the output', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost agent-'));
  await prepareDevice({
    profile: PROFILE,
    siteFile: resolve(ROOT, DEMO_SITE_FILE),
    device: 'pillar-001',
    dataDir,
    clips: null,
    say: () => undefined,
  });
  const full = openSync('/dev/full', 'w');
  const args = [
    '--profile',
    PROFILE,
    '--site',
    's',
    '--device',
    'pillar-001',
    '--broker',
    'mqtt://127.0.0.1:1',
  ];
  const agent = spawn(process.execPath, [resolve(ROOT, 'agent/main.ts'), ...args, '--data', dataDir], {
    stdio: ['ignore', 'pipe', full],
  });
  agent.stdout?.destroy();
  closeSync(full);
  const ended = once(agent, 'exit');
  t.teardown(() => {
    agent.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  t.match(await askSim(dataDir, { request: 'press' }), { ok: true, id: /^[0-9a-f-]{36}$/ });
  agent.kill('SIGTERM');
  t.same(await ended, [0, null], 'and it ends as it is told to');
});
