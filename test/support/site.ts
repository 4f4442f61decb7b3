import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { SimAnswer, SimRequest, SimState } from '#agent/drivers/sim/protocol.ts';
import { systemClock, wait } from '#contract/clock.ts';
import type { EventItem, IncidentDetail, IncidentItem } from '#contract/http.ts';
import { prepareDevice } from '#scripts/commands/prepare.ts';
import { askSim } from '#scripts/commands/sim-client.ts';
import { Child } from '#scripts/site/child.ts';
import type { PreparedClips } from '#scripts/site/clips.ts';
import { AGENT_ENV, nodeFlags, ROOT, SITE_ID } from '#scripts/site/demo-site.ts';
import { freePort } from './free-port.ts';
import { SharedVoice } from './shared-voice.ts';

export interface TestDevice {
  /** Path of the profile from the project's root. */
  readonly profile?: string;
  readonly siteFile?: string;
  readonly clips?: PreparedClips;
  readonly env?: Readonly<Record<string, string>>;
}

/** Real broker and agent processes in a folder of their own, as `scripts/up` starts them. */
export class TestSite {
  readonly dir: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  broker: Child;
  readonly #agents = new Map<string, Child>();

  static async make(t: Test, brokerArgs: readonly string[] = []): Promise<TestSite> {
    const dir = mkdtempSync(join(tmpdir(), 'watchpost-site-'));
    const site = new TestSite(dir, await freePort(), await freePort(), brokerArgs);
    t.teardown(async () => {
      await site.close();
      if (process.env.KEEP_SITE === undefined) rmSync(dir, { recursive: true, force: true });
    });
    return site;
  }

  constructor(dir: string, mqttPort: number, httpPort: number, brokerArgs: readonly string[]) {
    this.dir = dir;
    this.mqttPort = mqttPort;
    this.httpPort = httpPort;
    const data = join(dir, 'broker');
    this.broker = new Child({
      name: 'broker',
      logFile: join(dir, 'broker.log'),
      args: [
        ...nodeFlags('broker'),
        join(ROOT, 'broker/main.ts'),
        ...['--data', data, '--mqtt', `127.0.0.1:${mqttPort}`, '--http', `127.0.0.1:${httpPort}`, '--dev'],
        ...brokerArgs,
      ],
    });
  }

  async startBroker(): Promise<void> {
    await this.broker.start(() => undefined);
  }

  folder(device: string): string {
    return join(this.dir, device);
  }

  /** Resolves the profile; the clips are rendered by the first test that needs them. */
  async prepare(device: string, { profile, siteFile, clips }: TestDevice = {}): Promise<void> {
    const file = join(ROOT, profile ?? 'device-profiles/pillars/roadside.yaml');
    const ofSite = siteFile ?? join(ROOT, 'device-profiles/sites/demo.yaml');
    const clipsDir = join(this.folder(device), 'voice');
    const voice = new SharedVoice([file, ofSite, device]);
    mkdirSync(this.folder(device), { recursive: true });
    voice.lend(clipsDir);
    let isRendered = false;
    await prepareDevice({
      profile: file,
      siteFile: ofSite,
      device,
      dataDir: this.folder(device),
      clips: clips ?? null,
      say: (line) => {
        if (/ rendered \d+ of /.test(line)) isRendered = true;
      },
    });
    if (isRendered) voice.keep(clipsDir);
  }

  agent(device: string, { env, profile }: TestDevice = {}): Child {
    const child = new Child({
      name: device,
      logFile: join(this.dir, `${device}.log`),
      args: [
        ...nodeFlags('agent'),
        join(ROOT, 'agent/main.ts'),
        ...[
          '--profile',
          profile ?? '-',
          '--site',
          SITE_ID,
          '--device',
          device,
          '--data',
          this.folder(device),
        ],
        ...['--broker', `mqtt://127.0.0.1:${this.mqttPort}`],
      ],
      env: { ...AGENT_ENV, ...env },
    });
    this.#agents.set(device, child);
    return child;
  }

  /** Prepares and starts a device; answers its process. */
  async startAgent(device = 'pillar-001', options: TestDevice = {}): Promise<Child> {
    await this.prepare(device, options);
    const child = this.agent(device, options);
    await child.start(() => undefined);
    return child;
  }

  sim(request: SimRequest, device = 'pillar-001'): Promise<SimAnswer> {
    return askSim(this.folder(device), request);
  }

  /** Presses and lets go; answers the event's id, or null when the press was not confirmed. */
  async press(device = 'pillar-001'): Promise<string | null> {
    const answer = await this.sim({ request: 'press' }, device);
    await this.sim({ request: 'release' }, device);
    return answer.ok ? (answer.id ?? null) : null;
  }

  async state(device = 'pillar-001'): Promise<SimState> {
    const answer = await this.sim({ request: 'state' }, device);
    if (answer.ok && answer.state !== undefined) return answer.state;
    throw new TypeError(`no state: ${JSON.stringify(answer)}`);
  }

  get token(): string {
    return readFileSync(join(this.dir, 'broker', 'admin.token'), 'utf8').trim();
  }

  async request(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.httpPort}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async incidents(query = ''): Promise<IncidentItem[]> {
    return items<IncidentItem>(await this.request('GET', `incidents${query}`));
  }

  async incident(id: string): Promise<IncidentDetail> {
    const { body } = await this.request('GET', `incidents/${id}`);
    return Object(body);
  }

  /** Every event of a device and type, oldest first. */
  async events(type: string, device = 'pillar-001'): Promise<EventItem[]> {
    const all: EventItem[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page = await this.request(
        'GET',
        `events?device=${SITE_ID}.${device}&type=${type}&limit=1000${after === '' ? '' : `&after=${after}`}`,
      );
      all.push(...items<EventItem>(page));
      after = Object(page.body).next ?? null;
    }
    return all.reverse();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.kill()));
    await this.broker.kill();
  }
}

function items<T>({ status, body }: { status: number; body: unknown }): T[] {
  if (status !== 200) throw new TypeError(`HTTP ${status}: ${JSON.stringify(body)}`);
  return Object(body).items;
}

/** Looks again and again until `look` answers something other than null or false; fails after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false>,
  withinMs = 60_000,
): Promise<T> {
  const endMs = systemClock.monoMs() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (systemClock.monoMs() > endMs) throw new TypeError(`not within ${withinMs} ms: ${what}`);
    await wait(systemClock, 50);
  }
}
