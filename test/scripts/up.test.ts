import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';
import { freePort } from '#test/support/free-port.ts';
import { until } from '#test/support/site.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'scripts/cli.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end. */
async function run(args: readonly string[]): Promise<Ended> {
  const child = start(args);
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...text };
}

function folder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-up-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The addresses of the console and of the page for visitors, once the site has printed them. */
async function pagesOf(child: ChildProcess): Promise<{ console: URL; kiosk: URL }> {
  if (child.stdout === null) throw new TypeError('no output');
  const found = new Map<string, URL>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name = '', address] = /^(Console|Kiosk) +(http\S+)$/.exec(line) ?? [];
    if (address !== undefined) found.set(name, new URL(address));
    const [console, kiosk] = [found.get('Console'), found.get('Kiosk')];
    if (console !== undefined && kiosk !== undefined) return { console, kiosk };
  }
  throw new TypeError('the site ended before it said its addresses');
}

t.test(
  'a site starts on one command, takes a press from the command line, and stops on SIGTERM',
  async (t) => {
    const data = folder(t);
    const [mqtt, http] = [await freePort(), await freePort()];
    const site = start(['up', '--headless', '--data', data, '--mqtt', `${mqtt}`, '--http', `${http}`]);
    t.teardown(() => site.kill('SIGKILL'));
    const { console: address, kiosk } = await pagesOf(site);
    const api = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${address.hash.slice('#token='.length)}`, ...init.headers };
      const response = await fetch(new URL(`/api/v1/${path}`, address), { ...init, headers });
      t.equal(response.status, 200);
      return Object(await response.json());
    };
    t.equal((await fetch(address)).status, 200, 'the console page is served');
    t.equal((await fetch(kiosk)).status, 200, 'and the robot’s page for visitors');

    const pillar = join(data, 'pillar-001');
    const pressed = await run(['sim', '--data', pillar, 'press', '--json']);
    t.equal(pressed.code, 0, pressed.err);
    const [incident] = await until('the press is an incident', async () => {
      const { items } = await api('incidents?state=open');
      return items.length > 0 ? items : null;
    });
    t.match(incident, { type: 'wp.panic.pressed.v1', device: 'pillar-001', state: 'open' });
    const detail = await api(`incidents/${incident.id}`);
    t.equal(detail.alarms[0].eventId, JSON.parse(pressed.out).id, 'the id that was printed is the ledger’s');

    await api(`incidents/${incident.id}/acknowledge`, { method: 'POST' });
    const state = await until('the pillar shows that somebody has taken it', async () => {
      const { out } = await run(['sim', '--data', pillar, 'state', '--json']);
      const now = JSON.parse(out);
      return now.panic === 'acknowledged' ? now : null;
    });
    t.match(state, { lamp: 'acknowledged', siren: false, link: 'up' });
    for (const key of ['lamp', 'link', 'panic', 'queues', 'siren', 'voice']) t.ok(key in state, key);

    site.kill('SIGTERM');
    const [code] = await once(site, 'exit');
    t.equal(code, 0);
    await t.rejects(fetch(address), 'the broker is gone');
  },
);

t.test('a port in use is named with the remedy', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const port = String(Object(server.address()).port);
  const { code, err } = await run([
    'up',
    '--headless',
    '--data',
    folder(t),
    '--mqtt',
    port,
    '--http',
    `${await freePort()}`,
  ]);
  t.equal(code, 1);
  t.match(err, /WP5027/);
  t.match(err, `--mqtt ${Number(port) + 1}`);
});

const WRONG: [string[], RegExp][] = [
  [['up', '--mqtt', 'abc'], /use a port from 1 to 65535/],
  [['up', '--nope'], /unknown option/],
  [['up', '--clip', '/nowhere.mp4'], /WP5024/],
  [['nonsense'], /unknown command/],
  [['sim', '--data', '/nowhere'], /Usage: watchpost sim/],
  [['sim', '--data', '/nowhere', 'jump'], /unknown command/],
  [['sim', '--data', '/nowhere', 'link', 'sideways'], /up, down/],
  [['profile', 'lint'], /missing required argument/],
  [['detect'], /--input/],
];
for (const [args, expected] of WRONG) {
  t.test(`wrong use is told what is right: ${args.join(' ')}`, async (t) => {
    const { code, out, err } = await run(args);
    t.equal(code, 2);
    t.match(err, expected);
    t.equal(out, '');
  });
}

t.test('every command explains itself', async (t) => {
  const { code, out } = await run(['--help']);
  t.equal(code, 0);
  for (const name of ['up', 'broker', 'agent', 'sim', 'detect', 'profile', 'voice', 'audit', 'bench']) {
    t.match(out, new RegExp(`^  ${name} `, 'm'));
  }
  for (const name of ['up', 'sim', 'detect', 'profile', 'voice', 'audit', 'bench']) {
    const help = await run([name, '--help']);
    t.equal(help.code, 0, name);
    t.match(help.out, /Usage/);
  }
});
