import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { BundleFetch } from '#agent/behaviours/fetch/bundle-fetch.ts';
import { parseDownMessage } from '#agent/link/down-messages.ts';
import type { DownPiece } from '#agent/ports/down-content.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { readHead } from '#contract/bundle/layout.ts';
import { manifestOf } from '#contract/bundle/manifest.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BUNDLE_BLOB_PREFIX } from '#contract/fetch.ts';
import { COMMAND_ARGS, type Command, type CommandReply, type DeviceState } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downFilter, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { silentLog } from './site-database.ts';

/** What tap's `t` gives here. */
interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export interface MqttDeviceSetting {
  readonly address: DeviceAddress;
  readonly port: number;
  /** Its card. */
  readonly folder: string;
  /** What it makes of what it tries. */
  readonly trial?: 'confirmed' | 'rejected';
}

/**
 * A device over real MQTT that takes bundles as an agent does, with the agent's own fetching, and tries them at once: how
 * a trial goes on a device is tested elsewhere.
 */
export class MqttDevice {
  readonly #setting: MqttDeviceSetting;
  readonly #client: MqttClient;
  readonly #fetch: BundleFetch;
  readonly #listeners = new Set<(piece: DownPiece) => void>();
  #bundle: NonNullable<DeviceState['bundle']> = {
    ...{ generation: 1, digest: 'd'.repeat(64), slot: 'a', state: 'confirmed', last: null },
  };
  #boot = 1;
  #seq = 0;
  #alarms = 0;
  /** Numbers of pieces of bundles, in the order in which they came. */
  readonly pieces: number[] = [];
  installs = 0;

  static async connect(t: Teardown, setting: MqttDeviceSetting): Promise<MqttDevice> {
    const device = new MqttDevice(setting);
    t.teardown(() => device.close());
    await device.#begin();
    return device;
  }

  constructor(setting: MqttDeviceSetting) {
    this.#setting = setting;
    const { address, port, folder } = setting;
    this.#client = connect({
      ...{
        host: '127.0.0.1',
        port,
        protocolVersion: 4,
        clean: true,
        reconnectPeriod: 200,
        connectTimeout: 30_000,
      },
      clientId: clientIdOf(address),
      will: { topic: upTopic(address, 'state'), payload: this.#offline(), qos: 1, retain: true },
    });
    this.#fetch = new BundleFetch({
      ...{ folder: join(folder, 'inbox'), clock: systemClock, log: silentLog, keepFreeBytes: 0 },
      freeBytes: async (path) => {
        const { bavail, bsize } = await statfs(path);
        return bavail * bsize;
      },
      link: {
        onContent: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
    });
  }

  get generation(): number {
    return this.#bundle.generation;
  }

  /** Receipts that have come. */
  receipts = 0;

  /** Resolves when the site has confirmed it. */
  async press(): Promise<void> {
    const { address } = this.#setting;
    this.#alarms += 1;
    const envelope = {
      ...{
        specversion: '1.0',
        id: uuidv7(systemClock),
        source: sourceOf(address),
        type: 'wp.panic.pressed.v1',
      },
      data: { place: { label: 'North gate' }, input: 'button', cause: 'edge', edges: 1 },
      ...{ time: new Date().toISOString(), wpepoch: 'epoch-1', wpseq: this.#alarms, wplane: 'alarm' },
      ...{ wpclock: 'synced', wpmono: '1', wpboot: 'boot-1' },
    };
    await this.#client.publishAsync(upTopic(address, 'alarm'), JSON.stringify(envelope), { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
    await this.#fetch.close();
  }

  async #begin(): Promise<void> {
    this.#fetch.start();
    this.#client.on('message', (topic, payload) => this.#take(topic, payload));
    this.#client.on('error', () => undefined);
    const up = Promise.withResolvers<void>();
    this.#client.on('connect', () => {
      this.#tell();
      this.#client.subscribe(downFilter(this.#setting.address), { qos: 1 }, () => up.resolve());
    });
    await up.promise;
  }

  #take(topic: string, payload: Buffer): void {
    const down = parseDownMessage(topic, payload);
    if (down.channel === 'blob') {
      if (down.message.blobId.startsWith(BUNDLE_BLOB_PREFIX)) this.pieces.push(down.message.piece);
      for (const listener of this.#listeners) listener(down.message);
    } else if (down.channel === 'receipt') this.receipts += 1;
    else if (down.channel === 'command') void this.#obey(down.message);
  }

  async #obey(command: Command): Promise<void> {
    const head = { id: command.id, name: command.name, at: new Date().toISOString() };
    try {
      this.#reply({ ...head, ok: true, result: await this.#done(command) });
    } catch (cause) {
      const code = cause instanceof WatchpostError ? cause.code : 'WP2108';
      this.#reply({ ...head, ok: false, code, message: String(cause) });
    }
  }

  async #done({ name, args }: Command): Promise<Record<string, unknown>> {
    if (name === 'fetch-bundle')
      return { ...(await this.#fetch.fetch(COMMAND_ARGS['fetch-bundle'].parse(args))) };
    const { blob } = COMMAND_ARGS.install.parse(args);
    const file = join(this.#setting.folder, 'inbox', `${blob}.wpb`);
    const { trust } = await withBundleFile(file, readHead);
    const { generation, digest } = manifestOf(trust.targets.signed);
    this.installs += 1;
    const before = this.#bundle;
    this.#become({ generation, digest, slot: 'b', state: 'trial', last: null });
    setTimeout(() => this.#conclude(before), 300);
    return { slot: 'b', generation };
  }

  #conclude(before: NonNullable<DeviceState['bundle']>): void {
    const { generation } = this.#bundle;
    if (this.#setting.trial === 'rejected') {
      this.#become({ ...before, last: { generation, code: 'WP4216' } });
      this.#say('wp.profile.rejected.v1', {
        generation,
        code: 'WP4216',
        phase: 'trial',
        backTo: before.generation,
      });
    } else {
      this.#become({ ...this.#bundle, state: 'confirmed' });
      this.#say('wp.profile.confirmed.v1', { generation, slot: 'b', trialMs: 300 });
    }
  }

  #become(bundle: NonNullable<DeviceState['bundle']>): void {
    this.#bundle = bundle;
    this.#boot += 1;
    this.#tell();
  }

  #tell(): void {
    const state = {
      online: true,
      boot: this.#boot,
      conn: 1,
      bundle: this.#bundle,
      versions: { agent: '0.1.0' },
    };
    this.#client.publish(upTopic(this.#setting.address, 'state'), JSON.stringify(state), {
      qos: 1,
      retain: true,
    });
  }

  #reply(reply: CommandReply): void {
    this.#client.publish(upTopic(this.#setting.address, 'reply'), JSON.stringify(reply), { qos: 1 });
  }

  #say(type: string, data: Record<string, unknown>): void {
    const { address } = this.#setting;
    this.#seq += 1;
    const envelope = {
      ...{ specversion: '1.0', id: uuidv7(systemClock), source: sourceOf(address), type, data },
      ...{ time: new Date().toISOString(), wpepoch: 'epoch-1', wpseq: this.#seq, wplane: 'event' },
      ...{ wpclock: 'synced', wpmono: '1', wpboot: 'boot-1' },
    };
    this.#client.publish(upTopic(address, 'event'), JSON.stringify(envelope), { qos: 1 });
  }

  #offline(): string {
    return JSON.stringify({ online: false, boot: 1, conn: 1 });
  }
}
