import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandDesk } from '#broker/api/command-desk.ts';
import { TestModes } from '#broker/incidents/test-mode.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { insertBundle } from '#broker/rollout/bundle-rows.ts';
import type { BundleShelf } from '#broker/rollout/bundle-shelf.ts';
import type { FleetView } from '#broker/rollout/fleet-view.ts';
import type { Rollouts } from '#broker/rollout/rollouts.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BUNDLE_PIECE_BYTES, bundlePieces } from '#contract/fetch.ts';
import type { BundleItem } from '#contract/fleet.ts';
import { Command, type CommandReply, type DeviceState } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { parseTopic } from '#contract/topics.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { HandMessenger } from './api.ts';
import { HandDirectory, ledgerEvent, type Teardown } from './desk.ts';
import { fleetParts, type SaidEvent } from './fleet-parts.ts';

const AT = '2030-01-01T00:00:00.000Z';

/** A device as it takes bundles, at the level of MQTT: pieces, commands, and what it tells of itself. */
export class FleetDevice {
  readonly address: DeviceAddress;
  readonly #site: FleetSite;
  bundle: NonNullable<DeviceState['bundle']> | null = {
    generation: 1,
    digest: 'd1',
    slot: 'a',
    state: 'confirmed',
    last: null,
  };
  boot = 1;
  online = true;
  panic = 'idle';
  /** What it says to a bundle of which it has all: the code by which it refuses. */
  refuses: string | null = null;
  arriving: { blob: string; bytes: number; content: Buffer[] } | null = null;
  /** Pieces that came, in their order. */
  readonly pieces: number[] = [];
  readonly orders: string[] = [];
  /** Called before each piece is taken. */
  onPiece: (piece: number) => void | Promise<void> = () => undefined;

  constructor(site: FleetSite, address: DeviceAddress) {
    this.#site = site;
    this.address = address;
    this.tell();
  }

  get id(): string {
    return clientIdOf(this.address);
  }

  /** `up/state`, and whether it is connected. */
  tell(): void {
    const { devices, messenger } = this.#site;
    const { boot, panic } = this;
    const outputs = { panic, lamp: 'off', siren: false, voice: null };
    const state: DeviceState = {
      online: this.online,
      boot,
      conn: 1,
      bootId: `boot-${boot}`,
      outputs,
      versions: { agent: '0.1.0' },
    };
    devices.put({
      ...this.address,
      online: this.online,
      state: this.bundle === null ? state : { ...state, bundle: this.bundle },
    });
    if (this.online) messenger.connected.add(this.id);
    else messenger.connected.delete(this.id);
  }

  go(where: 'away' | 'back'): void {
    this.online = where === 'back';
    this.tell();
  }

  /** The trial of what was installed has ended well. */
  async confirm(): Promise<void> {
    const { bundle } = this;
    if (bundle === null) return;
    this.bundle = { ...bundle, state: 'confirmed', last: null };
    this.tell();
    await this.say('wp.profile.confirmed.v1', { generation: bundle.generation, slot: 'b', trialMs: 5000 });
  }

  /** The trial has not: what ran before runs again. */
  async reject(code = 'WP4216'): Promise<void> {
    const { bundle } = this;
    if (bundle === null) return;
    this.bundle = {
      generation: 1,
      digest: 'd1',
      slot: 'a',
      state: 'confirmed',
      last: { generation: bundle.generation, code },
    };
    this.boot += 1;
    this.tell();
    await this.say('wp.profile.rejected.v1', {
      generation: bundle.generation,
      code,
      phase: 'trial',
      backTo: 1,
    });
  }

  say(type: string, data: Record<string, unknown>): Promise<void> {
    const { db, clock, rollouts } = this.#site;
    const event = ledgerEvent(clock, { type, from: this.address, data });
    return db.commit(() => rollouts.onEvent(event));
  }

  async take(piece: number, bytes: Buffer): Promise<void> {
    await this.onPiece(piece);
    if (!this.online || this.arriving === null || piece !== this.arriving.content.length) return;
    this.pieces.push(piece);
    this.arriving.content.push(bytes);
  }

  obey({ name, args }: Command): Pick<CommandReply, 'ok' | 'code' | 'message' | 'result'> {
    this.orders.push(name);
    if (name === 'fetch-bundle')
      return { ok: true, result: { from: this.#from(String(args.blob), Number(args.bytes)) } };
    if (name !== 'install') return { ok: false, code: 'WP2103' };
    if (this.refuses !== null) return { ok: false, code: this.refuses, message: 'it does not fit' };
    const item = this.#site.shelf.list().find(({ sha256 }) => sha256 === args.sha256);
    if (item === undefined) return { ok: false, code: 'WP4101' };
    this.boot += 1;
    this.bundle = {
      generation: item.generation,
      digest: item.digest,
      slot: 'b',
      state: 'trial',
      last: this.bundle?.last ?? null,
    };
    this.tell();
    return { ok: true, result: { slot: 'b', generation: item.generation } };
  }

  #from(blob: string, bytes: number): number {
    if (this.arriving?.blob !== blob) this.arriving = { blob, bytes, content: [] };
    return Math.min(bundlePieces(bytes), this.arriving.content.length);
  }
}

/** A site with devices at the level of MQTT; time is in the test's hands. */
export class FleetSite {
  readonly clock = new ManualClock(Date.UTC(2028, 0, 1));
  readonly db: SiteDatabase;
  readonly devices = new HandDirectory();
  readonly messenger = new HandMessenger();
  readonly dataDir: string;
  readonly #byId = new Map<string, FleetDevice>();
  readonly #parts: ReturnType<typeof fleetParts>;
  readonly enrolments: Enrolments;
  rollouts: Rollouts;

  constructor(t: Teardown) {
    const { clock, devices, messenger } = this;
    this.db = memoryDatabase(t, { clock });
    this.dataDir = temporaryFolder(t);
    const { db, dataDir } = this;
    const audit = new AuditLog(clock);
    const testModes = new TestModes(db, clock);
    const commands = new CommandDesk({
      ...{ db, clock, log: silentLog, audit, devices, messenger, testModes },
    });
    this.enrolments = new Enrolments({ db, clock, audit });
    this.#parts = fleetParts({
      db,
      clock,
      audit,
      devices,
      messenger,
      commands,
      enrolments: this.enrolments,
      dataDir,
    });
    this.rollouts = this.#parts.rollouts;
    messenger.onPublish = ({ topic, message }) => {
      const command = Command.parse(message);
      const device = this.#deviceOf(topic);
      if (device === undefined) return;
      const reply = { id: command.id, name: command.name, at: AT, ...device.obey(command) };
      void db.commit(() => commands.replied(device.address, reply));
    };
    messenger.onDeliver = async ({ topic, bytes }) => {
      const parsed = parseTopic(topic);
      if (parsed?.channel !== 'blob') return;
      if (bytes.length > BUNDLE_PIECE_BYTES) throw new RangeError('a piece is too large');
      const device = this.#deviceOf(topic);
      await device?.take(parsed.piece, bytes);
      if (device?.online !== true) throw new WatchpostError('WP3405');
    };
    t.teardown(() => this.rollouts.close());
    this.rollouts.start();
  }

  get said(): readonly SaidEvent[] {
    return this.#parts.said;
  }

  get shelf(): BundleShelf {
    return this.#parts.shelf;
  }

  get fleet(): FleetView {
    return this.#parts.fleet;
  }

  device(name: string): FleetDevice {
    const device = new FleetDevice(this, { site: 'mall', device: name });
    this.#byId.set(device.id, device);
    return device;
  }

  /** Devices `p-1`, `p-2` …, and a bundle for each. */
  async many(count: number): Promise<{ devices: FleetDevice[]; bundles: string[] }> {
    const devices = Array.from({ length: count }, (_none, n) => this.device(`p-${n + 1}`));
    const bundles: string[] = [];
    for (const device of devices) bundles.push((await this.bundle(device)).sha256);
    return { devices, bundles };
  }

  /** On the shelf as if it had been uploaded. */
  async bundle(
    { id }: Pick<FleetDevice, 'id'>,
    { generation = 2, bytes = 2 * BUNDLE_PIECE_BYTES + 5, expiresAt = AT } = {},
  ): Promise<BundleItem> {
    const content = Buffer.alloc(bytes, `${id} ${generation}`);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const digest = createHash('sha256').update(`of ${sha256}`).digest('hex');
    mkdirSync(join(this.dataDir, 'bundles'), { recursive: true });
    writeFileSync(this.shelf.fileOf(sha256), content);
    const item = {
      sha256,
      digest,
      device: id,
      generation,
      agent: '>=0.1.0',
      bytes,
      expiresAt,
      uploadedAt: AT,
      uploadedBy: 'Tao',
    };
    await this.db.commit((sql) => insertBundle(sql, item));
    return item;
  }

  /** As a broker that was killed and started anew: what was in memory is gone. */
  async restart(): Promise<void> {
    await this.rollouts.close();
    this.rollouts = this.#parts.start();
    this.rollouts.start();
  }

  /** Lets time pass, for disk and promises as well, until `look` says so. */
  async until(what: string, look: () => boolean, mostS = 7_200): Promise<void> {
    for (let s = 0; s < mostS; s += 1) {
      if (look()) return;
      await this.clock.advance(1_000);
      // The disk is a real one.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    if (!look())
      throw new TypeError(`not within ${mostS} s: ${what}\n${JSON.stringify(this.rollouts.list(), null, 1)}`);
  }

  /** States by device, as the newest roll-out has them. */
  states(id = 1): Record<string, string> {
    return Object.fromEntries(
      this.rollouts.get(id).members.map(({ device, state }) => [device.replace('mall.', ''), state]),
    );
  }

  #deviceOf(topic: string): FleetDevice | undefined {
    const parsed = parseTopic(topic);
    return parsed === null ? undefined : this.#byId.get(clientIdOf(parsed));
  }
}
