import { rmSync } from 'node:fs';
import type { Packet } from 'mqtt-packet';
import { systemClock, wait } from '#contract/clock.ts';
import { seeded } from '#test/support/random.ts';
import { CampaignBroker } from './campaign-broker.ts';
import { CampaignConnection } from './campaign-connection.ts';
import { Publisher } from './campaign-publisher.ts';
import { Subscriber } from './campaign-subscriber.ts';
import { WillOwner } from './campaign-will.ts';

export interface CampaignOptions {
  readonly dir: string;
  readonly seed: number;
  readonly kills: number;
}

const ROOT = 'wp/1/campaign';
/** New messages of each publisher in one life of the broker. */
const MESSAGES = 60;
const KEPT_TOPICS = 5;
/** In one of so many lives the broker stays until every will that is due has gone out. */
const PATIENT_EVERY = 6;
/** One of so many kills falls into the start. */
const EARLY_EVERY = 6;
/** What has not come by then will not come. */
const WITHIN_MS = 15_000;
const LAST = 'sentinel';

/** What a campaign has seen and must be judged by. */
export class KillCampaign {
  readonly publishers: readonly Publisher[];
  readonly subscribers: readonly Subscriber[];
  readonly watcher = new Subscriber({ name: 'will-watcher', qos: 2, filter: `${ROOT}/will/#` });
  readonly owners: readonly WillOwner[];
  /** Retained messages that were older than what had been acknowledged, or gone. */
  readonly stale: string[] = [];
  killsUnderLoad = 0;
  killsAtStart = 0;
  readonly #options: CampaignOptions;
  readonly #random: (below: number) => number;
  readonly #kept: readonly Publisher[];
  readonly #away: readonly Subscriber[];
  readonly #live: readonly Subscriber[];
  readonly #sometimes: Subscriber;
  readonly #absent: readonly WillOwner[];
  readonly #back: readonly WillOwner[];
  #broker: CampaignBroker | null = null;
  #taken = 0;
  #killAt = Number.POSITIVE_INFINITY;
  #reached: () => void = () => undefined;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    const filter = `${ROOT}/data/#`;
    const named = (name: string, qos: 1 | 2) => new Subscriber({ name, qos, filter });
    this.#live = [named('live-1', 1), named('live-2', 2)];
    this.#away = [named('away-1', 1), named('away-2', 2)];
    this.#sometimes = named('sometimes-2', 2);
    this.subscribers = [...this.#live, ...this.#away, this.#sometimes];
    this.#kept = [this.#keeper('keep-1', 1), this.#keeper('keep-2', 2)];
    this.publishers = [
      ...[1, 2, 3].map((n) => this.#plain(`one-${n}`, 1)),
      ...[1, 2, 3].map((n) => this.#plain(`two-${n}`, 2)),
      ...this.#kept,
    ];
    const owner = (name: string, keepaliveS: number) =>
      new WillOwner({ name, topic: `${ROOT}/will/${name}`, keepaliveS });
    this.#absent = [owner('absent-1', 1), owner('absent-2', 1)];
    this.#back = [owner('back-1', 60), owner('back-2', 60)];
    this.owners = [...this.#absent, ...this.#back];
  }

  /** Lives and deaths, then one life to the end in which everybody gets what is theirs. */
  async run(): Promise<void> {
    await this.#introduce();
    for (let kill = 1; kill < this.#options.kills; kill += 1) {
      if (kill % EARLY_EVERY === 0) await this.#dieEarly();
      else await this.#liveAndDie(kill);
    }
    await this.#finish();
  }

  async close(): Promise<void> {
    await this.#broker?.kill();
    if (process.env.KEEP_SITE === undefined) rmSync(this.#options.dir, { recursive: true, force: true });
  }

  /** Everybody subscribes, and some leave for good: until the end. */
  async #introduce(): Promise<void> {
    const port = await this.#start();
    for (const each of [...this.subscribers, this.watcher]) {
      await each.connect(port);
      await each.subscribed();
    }
    for (const each of [...this.#away, this.#sometimes]) await each.leave();
    await this.#load(port);
    await this.#dieUnderLoad();
  }

  async #liveAndDie(kill: number): Promise<void> {
    const port = await this.#start();
    if (kill % 2 === 1) await this.#sometimes.connect(port);
    await Promise.all([...this.#live, this.watcher].map((each) => each.connect(port)));
    await this.#probe(port);
    if (kill % PATIENT_EVERY === 1) await this.#awaitWills();
    await this.#load(port);
    await this.#dieUnderLoad();
  }

  /** Before anybody can connect, or just when the first do. */
  async #dieEarly(): Promise<void> {
    const broker = new CampaignBroker(this.#options.dir, ['--open']);
    this.#broker = broker;
    const atMs = this.#random(1000);
    const connecting = broker.ready.then(async (port) => {
      if (port !== null) await Promise.all(this.#live.map((each) => each.connect(port)));
    });
    await wait(systemClock, atMs);
    await broker.kill();
    await connecting;
    this.killsAtStart += 1;
  }

  async #load(port: number): Promise<void> {
    this.#killAt = this.#taken + 1 + this.#random((this.publishers.length * MESSAGES * 4) / 5);
    await Promise.all([
      ...this.#back.map((each) => each.connect(port)),
      ...this.#absent.filter((each) => !this.#isDue(each)).map((each) => each.connect(port)),
    ]);
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve;
    });
    for (const each of this.publishers) await each.work(port, MESSAGES);
    await reached;
  }

  async #dieUnderLoad(): Promise<void> {
    await wait(systemClock, this.#random(4));
    await this.#broker?.kill();
    this.killsUnderLoad += 1;
  }

  async #finish(): Promise<void> {
    const port = await this.#start();
    await Promise.all([...this.subscribers, this.watcher].map((each) => each.connect(port)));
    await this.#probe(port);
    for (const each of this.publishers) await each.work(port, 0);
    await inTime(Promise.all(this.publishers.map((each) => each.finished())));
    const last = new Publisher({
      ...{ name: LAST, qos: 2, topicOf: () => `${ROOT}/data/${LAST}`, onTaken: () => undefined },
    });
    await last.work(port, 1);
    await inTime(last.finished());
    await inTime(Promise.all(this.subscribers.map((each) => each.has((payload) => payload === `${LAST} 0`))));
    await this.#awaitWills();
    await Promise.all(this.#back.map((each) => each.connect(port)));
    for (const each of [...this.owners, ...this.subscribers, this.watcher]) await each.leave();
  }

  async #start(): Promise<number> {
    const broker = new CampaignBroker(this.#options.dir, ['--open']);
    this.#broker = broker;
    const port = await broker.ready;
    if (port === null) throw new RangeError('the broker did not start again');
    return port;
  }

  /** Its last connection was confirmed and then cut by a crash: its will is due. */
  #isDue({ newest, fates }: WillOwner): boolean {
    return newest !== null && fates.get(newest) === 'once';
  }

  async #awaitWills(): Promise<void> {
    for (const owner of this.#absent) {
      if (!this.#isDue(owner)) continue;
      const { newest } = owner;
      await inTime(this.watcher.has((payload) => payload === newest));
      owner.done();
    }
  }

  /** A newcomer gets, for every topic, what was acknowledged last on it, or something newer. */
  async #probe(port: number): Promise<void> {
    const kept = new Map<string, number>();
    const least = this.#leastKept();
    const isWhole = () => [...least].every(([topic, number]) => (kept.get(topic) ?? -1) >= number);
    let seen: () => void = () => undefined;
    const whole = new Promise<void>((resolve) => {
      seen = () => {
        if (isWhole()) resolve();
      };
    });
    const connection = await CampaignConnection.open(
      port,
      { clientId: 'probe', clean: true },
      {
        onConnected: (made) =>
          made.send({
            cmd: 'subscribe',
            messageId: 1,
            subscriptions: [{ topic: `${ROOT}/data/keep/#`, qos: 0 }],
          }),
        onPacket: (packet: Packet) => {
          if (packet.cmd === 'publish')
            kept.set(packet.topic, Number(packet.payload.toString().split(' ')[1]));
          seen();
        },
      },
    );
    seen();
    await inTime(whole);
    for (const [topic, number] of least) {
      const is = kept.get(topic);
      if (is === undefined || is < number)
        this.stale.push(`${topic}: ${is ?? 'nothing'}, acknowledged ${number}`);
    }
    await connection?.leave();
  }

  /** By topic the newest number that was acknowledged. */
  #leastKept(): Map<string, number> {
    const least = new Map<string, number>();
    for (const keeper of this.#kept) {
      for (const number of keeper.taken) least.set(keeper.topicOf(number), number);
    }
    return least;
  }

  #plain(name: string, qos: 1 | 2): Publisher {
    return new Publisher({ name, qos, topicOf: () => `${ROOT}/data/${name}`, onTaken: () => this.#count() });
  }

  #keeper(name: string, qos: 1 | 2): Publisher {
    const topicOf = (number: number) => `${ROOT}/data/keep/${name}/${number % KEPT_TOPICS}`;
    return new Publisher({ name, qos, topicOf, retain: true, onTaken: () => this.#count() });
  }

  #count(): void {
    this.#taken += 1;
    if (this.#taken >= this.#killAt) this.#reached();
  }
}

/** Resolves with `work`, or after a while without it: what is missing then is the judge's. */
async function inTime(work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const expired = wait(systemClock, WITHIN_MS, late.signal).catch(() => undefined);
  await Promise.race([work, expired]);
  late.abort();
}
