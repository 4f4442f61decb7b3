import type { Database } from 'better-sqlite3';
import { type MemberState, RolloutRules, type RolloutState } from '#contract/fleet.ts';
import { addressOfClientId, clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { PlannedMember } from './plan.ts';

/** A row of `rollout`, read. */
export interface Rollout {
  readonly id: number;
  readonly name: string;
  readonly state: RolloutState;
  readonly stage: number;
  readonly stages: number;
  readonly stageAt: string;
  readonly soakAt: string | null;
  readonly rules: RolloutRules;
  readonly forgiven: number;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly changedAt: string;
}

/** A row of `rollout_device`, read. */
export interface Member extends DeviceAddress {
  readonly rollout: number;
  readonly id: string;
  readonly sha256: string;
  readonly digest: string;
  readonly generation: number;
  readonly stage: number;
  readonly position: number;
  readonly state: MemberState;
  readonly code: string | null;
  readonly detail: string | null;
  readonly attempts: number;
  readonly boot: number | null;
  readonly changedAt: string;
}

interface RolloutRow extends Omit<Rollout, 'rules'> {
  readonly rules: string;
}

const ROLLOUT = `SELECT id, name, state, stage, stages, stage_at AS stageAt, soak_at AS soakAt, rules, forgiven, reason,
  created_at AS createdAt, created_by AS createdBy, changed_at AS changedAt FROM rollout`;
const MEMBER = `SELECT rollout, site, device, sha256, digest, generation, stage, position, state, code, detail, attempts,
  boot, changed_at AS changedAt FROM rollout_device`;

const rolloutOf = (row: RolloutRow): Rollout => ({
  ...row,
  rules: RolloutRules.parse(JSON.parse(row.rules)),
});
const memberOf = (row: Omit<Member, 'id'>): Member => ({ ...row, id: clientIdOf(row) });

/** Newest first. */
export const listRollouts = (sql: Database): Rollout[] =>
  sql.prepare<[], RolloutRow>(`${ROLLOUT} ORDER BY id DESC`).all().map(rolloutOf);

/** In the order in which they were begun. */
export const rolloutsIn = (sql: Database, state: RolloutState): Rollout[] =>
  sql.prepare<[string], RolloutRow>(`${ROLLOUT} WHERE state = ? ORDER BY id`).all(state).map(rolloutOf);

export function readRollout(sql: Database, id: number): Rollout | null {
  const row = sql.prepare<[number], RolloutRow>(`${ROLLOUT} WHERE id = ?`).get(id);
  return row === undefined ? null : rolloutOf(row);
}

/** In the order of their turns. */
export const membersOf = (sql: Database, rollout: number): Member[] =>
  sql
    .prepare<[number], Omit<Member, 'id'>>(`${MEMBER} WHERE rollout = ? ORDER BY position`)
    .all(rollout)
    .map(memberOf);

/** As it is now. */
export function readMember(
  sql: Database,
  { rollout, site, device }: Pick<Member, 'rollout' | 'site' | 'device'>,
): Member | null {
  const row = sql
    .prepare<[number, string, string], Omit<Member, 'id'>>(
      `${MEMBER} WHERE rollout = ? AND site = ? AND device = ?`,
    )
    .get(rollout, site, device);
  return row === undefined ? null : memberOf(row);
}

/** What a device was given last and not spared; null where it never was given anything. */
export function newestMember(sql: Database, { site, device }: DeviceAddress): Member | null {
  const row = sql
    .prepare<[string, string], Omit<Member, 'id'>>(
      `${MEMBER} WHERE site = ? AND device = ? AND state <> 'withdrawn' ORDER BY rollout DESC LIMIT 1`,
    )
    .get(site, device);
  return row === undefined ? null : memberOf(row);
}

/** The roll-out that has not ended yet and this device is in. */
export function unfinishedOf(sql: Database, { site, device }: DeviceAddress): number | null {
  const id = sql
    .prepare<[string, string], number>(
      `SELECT rollout.id FROM rollout JOIN rollout_device ON rollout_device.rollout = rollout.id
       WHERE rollout_device.site = ? AND rollout_device.device = ? AND rollout.state IN ('running', 'paused', 'halted')
         AND rollout_device.state NOT IN ('confirmed', 'skipped', 'withdrawn')`,
    )
    .pluck()
    .get(site, device);
  return id ?? null;
}

export const isInUse = (sql: Database, sha256: string): boolean =>
  sql
    .prepare(
      `SELECT 1 FROM rollout JOIN rollout_device ON rollout_device.rollout = rollout.id
       WHERE rollout_device.sha256 = ? AND rollout.state IN ('running', 'paused', 'halted')
         AND rollout_device.state NOT IN ('confirmed', 'skipped', 'withdrawn') LIMIT 1`,
    )
    .get(sha256) !== undefined;

export interface NewRollout {
  readonly name: string;
  readonly rules: RolloutRules;
  readonly members: readonly PlannedMember[];
  readonly by: string;
  readonly at: string;
}

/** Answers its number. */
export function insertRollout(sql: Database, { name, rules, members, by, at }: NewRollout): number {
  const stages = Math.max(...members.map(({ stage }) => stage)) + 1;
  const { lastInsertRowid } = sql
    .prepare(
      `INSERT INTO rollout (name, state, stage, stages, stage_at, rules, forgiven, created_at, created_by, changed_at)
       VALUES (?, 'running', 0, ?, ?, ?, 0, ?, ?, ?)`,
    )
    .run(name, stages, at, JSON.stringify(rules), at, by, at);
  const rollout = Number(lastInsertRowid);
  const insert = sql.prepare(
    `INSERT INTO rollout_device
       (rollout, site, device, sha256, digest, generation, stage, position, state, attempts, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, ?)`,
  );
  for (const { device, bundle, stage, position } of members) {
    const address = addressOfClientId(device);
    const { sha256, digest, generation } = bundle;
    insert.run(rollout, address?.site, address?.device, sha256, digest, generation, stage, position, at);
  }
  return rollout;
}

export interface RolloutChange {
  readonly state?: RolloutState;
  readonly stage?: number;
  readonly stageAt?: string;
  readonly soakAt?: string | null;
  readonly forgiven?: number;
  readonly reason?: string | null;
}

/** Changes a roll-out where it is in one of `from`; answers whether it was. */
export function changeRollout(
  sql: Database,
  id: number,
  { from, to, at }: { from: readonly RolloutState[]; to: RolloutChange; at: string },
): boolean {
  const before = readRollout(sql, id);
  if (before === null || !from.includes(before.state)) return false;
  const { state, stage, stageAt, soakAt, forgiven, reason } = { ...before, ...to };
  sql
    .prepare(
      `UPDATE rollout SET state = ?, stage = ?, stage_at = ?, soak_at = ?, forgiven = ?, reason = ?, changed_at = ?
       WHERE id = ?`,
    )
    .run(state, stage, stageAt, soakAt, forgiven, reason, at, id);
  return true;
}

export interface MemberChange {
  readonly state: MemberState;
  readonly code?: string | null;
  readonly detail?: string | null;
  readonly attempts?: number;
  readonly boot?: number | null;
}

/** Moves a device on where it is in one of `from`; answers whether it was: of two who know, the first counts. */
export function moveMember(
  sql: Database,
  { rollout, site, device }: Pick<Member, 'rollout' | 'site' | 'device'>,
  { from, to, at }: { from: readonly MemberState[]; to: MemberChange; at: string },
): boolean {
  const marks = from.map(() => '?').join(', ');
  const { state, code = null, detail = null, attempts = null, boot = null } = to;
  const { changes } = sql
    .prepare(
      `UPDATE rollout_device SET state = ?, code = ?, detail = ?, attempts = coalesce(?, attempts),
         boot = coalesce(?, boot), changed_at = ?
       WHERE rollout = ? AND site = ? AND device = ? AND state IN (${marks})`,
    )
    .run(state, code, detail, attempts, boot, at, rollout, site, device, ...from);
  return changes > 0;
}

/** Of a device that did not say in time what became of what was installed on it; what it says late holds. */
export const NO_ANSWER = 'WP3716';

export const isUnanswered = ({ state, code }: Pick<Member, 'state' | 'code'>): boolean =>
  state === 'failed' && code === NO_ANSWER;

/** Devices that were told to install this generation and owe an answer, whatever became of their roll-out. */
export const membersAt = (sql: Database, { site, device }: DeviceAddress, generation: number): Member[] =>
  sql
    .prepare<[string, string, number], Omit<Member, 'id'>>(
      `${MEMBER} WHERE site = ? AND device = ? AND generation = ?
         AND (state IN ('installing', 'trial') OR (state = 'failed' AND code = '${NO_ANSWER}'))`,
    )
    .all(site, device, generation)
    .map(memberOf);
