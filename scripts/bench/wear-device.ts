import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimRequest, SimState } from '#agent/drivers/sim/protocol.ts';
import { systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { prepareDevice } from '../commands/prepare.ts';
import { askSim } from '../commands/sim-client.ts';
import type { Child } from '../site/child.ts';
import type { PreparedClips } from '../site/clips.ts';
import { agentChild, DEMO_DEVICES, DEMO_SITE_FILE, ROOT, SITE_ID } from '../site/demo-site.ts';
import type { AlarmSite } from './alarm-site.ts';
import { familyOf } from './wear-meter.ts';
import { WriteBack } from './write-back.ts';

type DemoDevice = keyof typeof DEMO_DEVICES;

const LOOK_EVERY_MS = 200;
const WITHIN_MS = 120_000;
/** Later than what is put off by a second, and what the outbox looks at again. */
const SETTLE_MS = 3_000;
const EVIDENCE_MS = 10_000;

/** A device of the demonstration, its agent in a process of its own as `scripts/up` starts it. */
export class WearDevice {
  readonly folder: string;
  readonly #name: DemoDevice;
  readonly #site: AlarmSite;
  readonly #agent: Child;
  readonly #writeBack: WriteBack;
  #isRunning = false;

  /** `dataDir`: the card. */
  constructor(name: DemoDevice, { dataDir, mqtt, site }: { dataDir: string; mqtt: string; site: AlarmSite }) {
    this.#name = name;
    this.#site = site;
    this.folder = join(dataDir, name);
    this.#writeBack = new WriteBack(this.folder);
    this.#agent = agentChild({ dataDir, mqttPort: Number(new URL(mqtt).port), httpPort: 0 }, name);
  }

  /** What `scripts/up` leaves in its folder, but for the speaker: without a sound device prompts go to a file. */
  async prepare(clips: PreparedClips | null): Promise<void> {
    await prepareDevice({
      profile: join(ROOT, DEMO_DEVICES[this.#name]),
      siteFile: join(ROOT, DEMO_SITE_FILE),
      device: this.#name,
      dataDir: this.folder,
      clips,
      say: () => undefined,
    });
    const file = join(this.folder, 'profile.json');
    const profile: object = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...profile, speaker: { driver: 'sim' } }));
  }

  /** Resolves when it is connected and has said everything. */
  async start(): Promise<void> {
    await this.#agent.start(() => undefined);
    this.#isRunning = true;
    await this.settled();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#agent.stop();
  }

  /** Its processes; none before it is started. */
  pids(): number[] {
    return this.#isRunning ? familyOf(this.#agent.pid ?? 0) : [];
  }

  async press(): Promise<void> {
    await this.#ask({ request: 'press' });
    await this.#ask({ request: 'release' });
    await this.settled();
    await this.#site.resolveOpen();
    await this.#until('the call is over', ({ panic }) => panic === 'idle');
    await this.settled();
  }

  async testAlarm(): Promise<void> {
    const path = `devices/${SITE_ID}.${this.#name}/commands`;
    await this.#site.ask('POST', path, { name: 'test-alarm', args: {} });
    await this.settled();
  }

  /** Until the site knows of something left behind, and its picture has had time to follow. */
  async thingLeft(): Promise<void> {
    const endMs = performance.now() + WITHIN_MS;
    while ((await this.#site.items('events?type=wp.object.left.v1')).length === 0) {
      if (performance.now() > endMs)
        throw new WatchpostError('WP5025', { detail: `${this.#name} saw nothing` });
      await wait(systemClock, LOOK_EVERY_MS);
    }
    await wait(systemClock, EVIDENCE_MS);
    await this.settled();
  }

  /** Nothing waits to be sent or confirmed, and what is on its way to the disk has reached it. */
  async settled(): Promise<void> {
    await this.#until('everything is told', ({ link, queues }) => {
      return link === 'up' && (queues.alarm ?? 0) + (queues.event ?? 0) === 0;
    });
    await wait(systemClock, SETTLE_MS);
    this.#writeBack.run();
  }

  async #ask(request: SimRequest): Promise<void> {
    const answer = await askSim(this.folder, request);
    if (!answer.ok) throw new WatchpostError('WP5025', { detail: answer.message });
  }

  async #until(what: string, holds: (state: SimState) => boolean): Promise<void> {
    const endMs = performance.now() + WITHIN_MS;
    while (performance.now() < endMs) {
      const answer = await askSim(this.folder, { request: 'state' });
      if (answer.ok && answer.state !== undefined && holds(answer.state)) return;
      await wait(systemClock, LOOK_EVERY_MS);
    }
    throw new WatchpostError('WP5025', {
      detail: `${this.#name}: not within ${WITHIN_MS / 1000} s: ${what}`,
    });
  }
}
