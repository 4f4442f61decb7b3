import type { Database } from 'better-sqlite3';
import type { DeviceDirectory, SiteEvents } from '#broker/incidents/ports.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit, IngestListener, LedgerEvent } from '#broker/persistence/ports.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { type RolloutBody, type RolloutItem, RolloutRules, type RolloutState } from '#contract/fleet.ts';
import type { Log } from '#contract/log.ts';
import { addressOfClientId, clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { readBundle } from './bundle-rows.ts';
import type { BundleShelf } from './bundle-shelf.ts';
import { type Decision, isFailure, isUnderWay, judgeStage } from './judge-stage.ts';
import { Members, type MemberWork } from './members.ts';
import { type PlannedMember, planRollout } from './plan.ts';
import { rolloutItem } from './rollout-item.ts';
import {
  changeRollout,
  insertRollout,
  isUnanswered,
  listRollouts,
  type Member,
  membersAt,
  membersOf,
  moveMember,
  type Rollout,
  type RolloutChange,
  readRollout,
  rolloutsIn,
  unfinishedOf,
} from './rollout-rows.ts';

export interface RolloutsParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly devices: DeviceDirectory;
  readonly shelf: BundleShelf;
  readonly events: SiteEvents;
  /** Whether the site was told that there is such a device, heard of or not. */
  readonly isEnrolled: (address: DeviceAddress) => boolean;
  readonly work: Omit<MemberWork, 'onMoved'>;
}

const LOOK_EVERY_MS = 1_000;
const UNFINISHED: readonly RolloutState[] = ['running', 'paused', 'halted'];

/**
 * Brings bundles to devices in stages and halts by itself when they fail. All of it stands in the database: a site that
 * starts again goes on where it was, and what a device was doing meanwhile is read from what it tells of itself.
 */
export class Rollouts implements IngestListener {
  readonly #parts: RolloutsParts;
  readonly #members: Members;
  #cancel: Cancel | null = null;
  #looking: Promise<void> | null = null;

  constructor(parts: RolloutsParts) {
    this.#parts = parts;
    this.#members = new Members({ ...parts.work, onMoved: () => void this.look() });
  }

  start(): void {
    this.#cancel ??= this.#parts.clock.every(LOOK_EVERY_MS, () => void this.look());
  }

  /** Ends what is being sent at its next piece. Idempotent. */
  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    await this.#members.close();
    await this.#looking;
  }

  /** Newest first. */
  list(): readonly RolloutItem[] {
    return listRollouts(this.#parts.db.sql).map((rollout) => this.#item(rollout));
  }

  /** Throws WP3711. */
  get(id: number): RolloutItem {
    return this.#item(this.#read(id));
  }

  /**
   * Begins a roll-out. Rejects with WP3702 (no such bundle), WP3404 (a device that nobody knows), WP3708 (the stages do
   * not fit), WP3712 (a device that is in another one), WP4107.
   */
  async begin(body: RolloutBody, who: string): Promise<RolloutItem> {
    const { db, audit, shelf } = this.#parts;
    const bundles = [...new Set(body.bundles)].map((sha256) => shelf.get(sha256));
    const members = planRollout(body, bundles);
    for (const member of members) this.#refuseUnfit(member);
    const at = this.#now();
    const id = await db.commit((sql) => {
      for (const { device, bundle } of members) {
        refuseBusy(sql, device);
        // Somebody else may have removed it since it was looked up.
        if (readBundle(sql, bundle.sha256) === null)
          throw new WatchpostError('WP3702', { detail: bundle.sha256 });
      }
      const made = insertRollout(sql, { name: body.name, rules: body.rules, members, by: who, at });
      const detail = { name: body.name, devices: members.length, rules: body.rules };
      audit.append(sql, { who, action: 'rollout.begun', subject: String(made), detail });
      return made;
    });
    this.#parts.log.info({ rollout: id, devices: members.length }, 'rollout.begun');
    void this.look();
    return this.get(id);
  }

  /** One bundle to its device: a roll-out of one stage and one device. */
  async sendTo(address: DeviceAddress, sha256: string, who: string): Promise<RolloutItem> {
    const { device } = this.#parts.shelf.get(sha256);
    const wanted = clientIdOf(address);
    if (device !== wanted) {
      throw new WatchpostError('WP4105', { detail: `it is for ${device}, this is ${wanted}` });
    }
    const rules = RolloutRules.parse({});
    return this.begin({ name: wanted, bundles: [sha256], canary: 1, percent: [], rules }, who);
  }

  /** Begins no device any more, and ends what is being sent; a trial goes on, for the device decides it. */
  pause(id: number, who: string): Promise<RolloutItem> {
    return this.#change(id, who, { from: ['running'], to: { state: 'paused' }, action: 'rollout.paused' });
  }

  /** Goes on, also after a halt: the failures so far are forgiven, and `retried` ones tried again. */
  async resume(id: number, who: string, failed: 'left' | 'retried'): Promise<RolloutItem> {
    const { db } = this.#parts;
    const at = this.#now();
    if (failed === 'retried' && ['paused', 'halted'].includes(this.#read(id).state)) {
      await db.commit((sql) => {
        for (const member of membersOf(sql, id))
          moveMember(sql, member, {
            from: ['rejected', 'failed'],
            to: { state: 'waiting', attempts: 0 },
            at,
          });
      });
    }
    const forgiven = membersOf(db.sql, id).filter(({ state }) => isFailure(state));
    const to = { state: 'running', reason: null, soakAt: null, forgiven: forgiven.length } as const;
    const item = await this.#change(id, who, { from: ['paused', 'halted'], to, action: 'rollout.resumed' });
    void this.look();
    return item;
  }

  /** Ends it: whoever has not got the bundle is spared. What is installed is tried to its end. */
  async abort(id: number, who: string): Promise<RolloutItem> {
    const item = await this.#change(id, who, {
      from: UNFINISHED,
      to: { state: 'aborted' },
      action: 'rollout.aborted',
    });
    await this.#parts.db.commit((sql) => {
      for (const member of membersOf(sql, id))
        moveMember(sql, member, {
          from: ['waiting', 'sending'],
          to: { state: 'withdrawn' },
          at: this.#now(),
        });
    });
    return { ...item, ...this.get(id) };
  }

  /** Takes part in the ingest of what devices say of their trials. */
  onEvent({ site, device, envelope }: LedgerEvent): void {
    const address = { site, device };
    if (envelope.type === 'wp.profile.confirmed.v1') {
      const said = EVENT_DATA['wp.profile.confirmed.v1'].safeParse(envelope.data).data;
      if (said !== undefined) this.#settle(address, said.generation, { state: 'confirmed' });
    } else if (envelope.type === 'wp.profile.rejected.v1') {
      const said = EVENT_DATA['wp.profile.rejected.v1'].safeParse(envelope.data).data;
      // While a bundle is on trial, or somebody writes, another is not taken; it is offered again.
      if (typeof said?.generation !== 'number' || said.code === 'WP4203' || said.code === 'WP4210') return;
      const detail = said.phase === 'trial' ? 'on trial' : `before its trial (${said.phase})`;
      this.#settle(address, said.generation, { state: 'rejected', code: said.code, detail });
    }
  }

  onPoisonedAlarm(): void {
    // Nothing of a roll-out is said on the alarm lane.
  }

  /** One look at every roll-out that runs; resolves when what changed is on disk. What fails is looked at again. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#parts.log.error({ error: String(error) }, 'rollout.failed'))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { db } = this.#parts;
    for (const rollout of rolloutsIn(db.sql, 'running')) {
      try {
        await this.#members.observe(membersOf(db.sql, rollout.id), rollout.rules.answerMin);
        await this.#goOn(rollout);
      } catch (error) {
        // One that cannot go on keeps no other from it.
        this.#parts.log.error({ rollout: rollout.id, error: String(error) }, 'rollout.failed');
      }
    }
    // A trial that was begun is seen to its end, whatever has become of its roll-out.
    for (const state of ['paused', 'halted', 'aborted'] as const) {
      for (const { id, rules } of rolloutsIn(db.sql, state)) {
        const open = membersOf(db.sql, id).filter((each) => isUnderWay(each.state) || isUnanswered(each));
        await this.#members.observe(open, rules.answerMin);
      }
    }
  }

  async #goOn(rollout: Rollout): Promise<void> {
    const { db, clock, devices } = this.#parts;
    const members = membersOf(db.sql, rollout.id);
    const failures = members.filter(({ state }) => isFailure(state)).length;
    // A failure that was forgiven and has turned out well forgives no other one.
    if (failures < rollout.forgiven) return this.#advance(rollout, { forgiven: failures });
    const decision = judgeStage(
      {
        ...rollout,
        stageAtMs: Date.parse(rollout.stageAt),
        soakAtMs: rollout.soakAt === null ? null : Date.parse(rollout.soakAt),
      },
      members.map((member) => ({
        ...member,
        device: member.id,
        online: devices.device(member)?.online === true,
      })),
      clock.wallMs(),
    );
    if (decision.kind === 'halt') return this.#halt(rollout, members, decision);
    const to = changeFor(decision, rollout, this.#now());
    if (to !== null) await this.#advance(rollout, to);
    if (decision.kind !== 'finish') await this.#begin(rollout, members);
  }

  /** Those whose turn it is, as many as may be at once. */
  async #begin(rollout: Rollout, members: readonly Member[]): Promise<void> {
    const { db, devices, shelf } = this.#parts;
    let free = rollout.rules.atOnce - members.filter(({ state }) => isUnderWay(state)).length;
    for (const member of members) {
      if (free <= 0) return;
      if (member.state !== 'waiting' || member.stage > rollout.stage) continue;
      const device = devices.device(member);
      if (device === null || !this.#members.mayBegin(member, device)) continue;
      if (this.#isExpired(member)) return this.#haltFor(rollout, member, 'WP4107');
      const bundle = shelf.get(member.sha256);
      const isMine = () => readRollout(db.sql, rollout.id)?.state === 'running';
      await this.#members.begin(member, { bundle: { ...bundle, file: shelf.fileOf(bundle.sha256) }, isMine });
      free -= 1;
    }
  }

  async #advance(rollout: Rollout, to: RolloutChange): Promise<void> {
    const { db, audit, log } = this.#parts;
    const at = this.#now();
    await db.commit((sql) => {
      if (!changeRollout(sql, rollout.id, { from: ['running'], to, at })) return;
      if (to.state !== 'finished' && to.stage === undefined) return;
      const action = to.state === 'finished' ? 'rollout.finished' : 'rollout.stage-begun';
      const detail = { name: rollout.name, stage: to.stage ?? rollout.stage };
      audit.append(sql, { who: 'site', action, subject: String(rollout.id), detail });
    });
    log.info({ rollout: rollout.id, ...to }, 'rollout.went-on');
  }

  #haltFor(rollout: Rollout, member: Member, code: ErrorCode): Promise<void> {
    const by = { ...member, device: member.id, code, online: true };
    const reason = `${code} for ${member.id}`;
    return this.#halt(rollout, membersOf(this.#parts.db.sql, rollout.id), { kind: 'halt', reason, by });
  }

  /** Said by the site as an event, so that every console and every program that listens hears of it. */
  async #halt(
    rollout: Rollout,
    members: readonly Member[],
    { reason, by }: Extract<Decision, { kind: 'halt' }>,
  ): Promise<void> {
    const { db, audit, events, log } = this.#parts;
    const at = this.#now();
    const detail = by.code === null ? reason : `${reason}, the last ${by.device} with ${by.code}`;
    await db.commit((sql) => {
      const to = { state: 'halted', reason: detail, soakAt: null } as const;
      if (!changeRollout(sql, rollout.id, { from: ['running'], to, at })) return;
      audit.append(sql, {
        who: 'site',
        action: 'rollout.halted',
        subject: String(rollout.id),
        detail: { detail },
      });
      const address = addressOfClientId(by.device);
      if (address === null) return;
      events.record(address, 'wp.rollout.halted.v1', {
        ...{ device: address.device, rollout: rollout.id, name: rollout.name, reason: detail, code: by.code },
        ...{ stage: rollout.stage, stages: rollout.stages, devices: members.length },
        untouched: members.filter(({ state }) => state === 'waiting').length,
      });
    });
    log.warn({ rollout: rollout.id, reason: detail }, 'rollout.halted');
  }

  #settle(address: DeviceAddress, generation: number, to: Parameters<typeof moveMember>[2]['to']): void {
    const { db } = this.#parts;
    for (const member of membersAt(db.sql, address, generation)) {
      moveMember(db.sql, member, { from: ['installing', 'trial', 'failed'], to, at: this.#now() });
    }
    db.afterCommit(() => void this.look());
  }

  async #change(
    id: number,
    who: string,
    { from, to, action }: { from: readonly RolloutState[]; to: RolloutChange; action: string },
  ): Promise<RolloutItem> {
    const { db, audit } = this.#parts;
    const { state } = this.#read(id);
    await db.commit((sql) => {
      if (!changeRollout(sql, id, { from, to, at: this.#now() })) {
        throw new WatchpostError('WP3713', { detail: `roll-out ${id} is ${state}` });
      }
      audit.append(sql, { who, action, subject: String(id) });
    });
    return this.get(id);
  }

  #refuseUnfit({ device, bundle }: PlannedMember): void {
    const { devices, isEnrolled, clock } = this.#parts;
    const address = addressOfClientId(device);
    if (address === null || (devices.device(address) === null && !isEnrolled(address))) {
      throw new WatchpostError('WP3404', { detail: device });
    }
    if (Date.parse(bundle.expiresAt) > clock.wallMs()) return;
    throw new WatchpostError('WP4107', { detail: `${device}: it ended on ${bundle.expiresAt}` });
  }

  #isExpired({ sha256 }: Member): boolean {
    const { shelf, clock } = this.#parts;
    return Date.parse(shelf.get(sha256).expiresAt) <= clock.wallMs();
  }

  #read(id: number): Rollout {
    const rollout = readRollout(this.#parts.db.sql, id);
    if (rollout === null) throw new WatchpostError('WP3711', { detail: String(id) });
    return rollout;
  }

  #item(rollout: Rollout): RolloutItem {
    const { db, shelf } = this.#parts;
    const sizes = new Map(shelf.list().map(({ sha256, bytes }) => [sha256, bytes]));
    return rolloutItem(rollout, membersOf(db.sql, rollout.id), {
      bytesOf: (sha256) => sizes.get(sha256) ?? 0,
      sentOf: (member) => this.#members.sentBytes(member),
    });
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}

function changeFor({ kind }: Decision, { stage }: Rollout, at: string): RolloutChange | null {
  if (kind === 'soak') return { soakAt: at };
  if (kind === 'unsoak') return { soakAt: null };
  if (kind === 'next') return { stage: stage + 1, stageAt: at, soakAt: null };
  return kind === 'finish' ? { state: 'finished', soakAt: null } : null;
}

function refuseBusy(sql: Database, device: string): void {
  const address = addressOfClientId(device);
  const other = address === null ? null : unfinishedOf(sql, address);
  if (other !== null) throw new WatchpostError('WP3712', { detail: `${device} is in roll-out ${other}` });
}
