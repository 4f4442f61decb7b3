import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs in the guest: what the test wants of the device and the site there.
 *
 *   press DATA | release DATA          prints the event's id once it is journalled
 *   evaluate PID EXPRESSION            in the event loop of a running program, through Node's inspector; prints when it
 *                                      was asked for (CLOCK_MONOTONIC, ms) and waits for no answer
 *   events BROKER_DATA TEXT            waits until the ledger has an event with this text in it; prints all that do
 */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const SITE = 'http://127.0.0.1:8080/api/v1/events?limit=1000';
const TRY_EVERY_MS = 250;
const TRIES = 240;

async function fetched(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  const request = get(url, { headers });
  const [answer] = await once(request, 'response');
  return JSON.parse(await text(answer));
}

/** Asks again while nobody answers, or not what is wanted. */
async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  let problem: unknown = 'it never came';
  for (let tried = 0; tried < TRIES; tried += 1) {
    try {
      const found = await ask();
      if (found !== null) return found;
    } catch (error) {
      problem = error;
    }
    await sleep(TRY_EVERY_MS);
  }
  throw problem;
}

/** Answers when it was asked for, in ms of CLOCK_MONOTONIC. */
async function evaluate(pid: number, expression: string): Promise<number> {
  process.kill(pid, 'SIGUSR1');
  const url = await until(async () => {
    const targets = await fetched(INSPECTOR);
    return Array.isArray(targets) ? String(targets[0]?.webSocketDebuggerUrl) : null;
  });
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const atMs = Number(process.hrtime.bigint()) / 1e6;
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  // Long enough to be sent; what is evaluated may never answer.
  await sleep(100);
  return atMs;
}

async function events(data: string, wanted: string): Promise<unknown[]> {
  const token = (await readFile(`${data}/admin.token`, 'utf8')).trim();
  return await until(async () => {
    const list = await fetched(SITE, { authorization: `Bearer ${token}` });
    const items = typeof list === 'object' && list !== null && 'items' in list ? list.items : [];
    const fitting = Array.isArray(items) ? items.filter((item) => JSON.stringify(item).includes(wanted)) : [];
    return fitting.length > 0 ? fitting : null;
  });
}

async function pressed(data: string, request: 'press' | 'release'): Promise<unknown> {
  // Loaded where it is needed: an emulated machine takes half a second for it.
  const { askSim } = await import('#scripts/commands/sim-client.ts');
  return await askSim(data, { request });
}

async function obey([order = '', first = '', second = '']: readonly string[]): Promise<unknown> {
  switch (order) {
    case 'press':
    case 'release':
      return await pressed(first, order);
    case 'evaluate':
      return await evaluate(Number(first), second);
    case 'events':
      return await events(first, second);
    default:
      throw new TypeError(`unknown: ${order}`);
  }
}

process.stdout.write(`${JSON.stringify(await obey(process.argv.slice(2)))}\n`);
process.exit();
