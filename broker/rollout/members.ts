import type { DeviceDirectory, KnownDevice } from '#broker/incidents/ports.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { AnswerWait } from './answer-wait.ts';
import { type BundleDelivery, type DeliveryTask, refusalOf, type SentBundle } from './bundle-delivery.ts';
import {
  isUnanswered,
  type Member,
  type MemberChange,
  moveMember,
  NO_ANSWER,
  readMember,
} from './rollout-rows.ts';

export interface MemberWork {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: DeviceDirectory;
  readonly delivery: BundleDelivery;
  /** A device has come further. */
  readonly onMoved: () => void;
}

/** What is given to a device, and whether it should be still. */
export interface Turn {
  readonly bundle: SentBundle;
  readonly isMine: () => boolean;
}

/** Behind a failure that may pass; doubled with each. */
const AGAIN_AFTER_MS = 15_000;
const MOST_ATTEMPTS = 6;
/** These say nothing of the bundle or the device: whoever was away or busy is asked again, however often. */
const PASSING = new Set(['WP3405', 'WP3714', 'WP4203', 'WP4210', 'WP2109']);
const ON_BEHALF = 'site';

/**
 * Brings each device of a roll-out from waiting to its trial, and sees what became of that. One at a time a device; what
 * was going on when the site ended begins again, and the device knows how far it was.
 */
export class Members {
  readonly #parts: MemberWork;
  readonly #running = new Map<string, Promise<void>>();
  readonly #sent = new Map<string, number>();
  readonly #notBefore = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #answers: AnswerWait;

  constructor(parts: MemberWork) {
    this.#parts = parts;
    this.#answers = new AnswerWait(parts.clock);
  }

  async close(): Promise<void> {
    this.#ending.abort(new WatchpostError('WP3714', { detail: 'the site ends' }));
    await Promise.all(this.#running.values());
  }

  /** How much the device has of what is being sent to it. */
  sentBytes(member: Member): number {
    return this.#sent.get(keyOf(member)) ?? 0;
  }

  /** Whether the device is there and has no call for help open, and was not tried a moment ago. */
  mayBegin(member: Member, device: KnownDevice): boolean {
    const againMs = this.#notBefore.get(keyOf(member)) ?? Number.NEGATIVE_INFINITY;
    // Its state may still be that of before it went away.
    const isHere = device.online && device.state?.online === true;
    return isHere && !isCalling(device) && this.#parts.clock.monoMs() >= againMs;
  }

  /** Begins to send. Resolves when that is on the disk; the rest goes on beside it. */
  async begin(member: Member, turn: Turn): Promise<void> {
    if (this.#ending.signal.aborted || this.#running.has(keyOf(member))) return;
    if (!(await this.#move(member, ['waiting'], { state: 'sending' }))) return;
    const done = this.#serve(member, turn).finally(() => {
      this.#running.delete(keyOf(member));
      this.#parts.onMoved();
    });
    this.#running.set(keyOf(member), done);
  }

  /**
   * What devices tell of themselves: also what they did while nobody here was listening, and that they tell nothing.
   * @param answerMin - minutes within which one must say what became of what was installed on it
   */
  async observe(members: readonly Member[], answerMin: number): Promise<void> {
    for (const member of members) {
      const change = this.#seen(member) ?? this.#unanswered(member, answerMin);
      if (change !== null) await this.#move(member, [member.state], change);
    }
  }

  /** Ordered to install it, and nothing of it since. Somebody who calls for help there comes first. */
  #unanswered(member: Member, answerMin: number): MemberChange | null {
    const device = this.#parts.devices.device(member);
    const isHere = device?.online === true;
    const isLost = member.code === 'WP3405' || member.code === 'WP3709';
    const wasOrdered = member.state === 'waiting' && member.boot !== null && isLost;
    const owes = member.state === 'trial' || (wasOrdered && !isHere);
    if (!owes || (isHere && isCalling(device))) {
      this.#answers.settle(member);
      return null;
    }
    if (!this.#answers.isOver(member, answerMin * 60_000)) return null;
    const seen = isHere ? 'it is there, and still tries it' : 'it is away';
    return { state: 'failed', code: NO_ANSWER, detail: `${seen} after ${answerMin} minutes` };
  }

  #seen(member: Member): MemberChange | null {
    const device = this.#parts.devices.device(member);
    const running = device?.state?.bundle;
    const { state, digest, generation, boot } = member;
    if (isUnanswered(member)) return lateAnswer(member, device);
    if (state === 'withdrawn' || state === 'rejected' || state === 'failed') return null;
    if (running === undefined) return this.#orphan(member);
    if (running.digest === digest && running.state === 'confirmed') {
      return state === 'confirmed' || state === 'skipped'
        ? null
        : { state: state === 'waiting' && member.attempts === 0 ? 'skipped' : 'confirmed' };
    }
    if (running.digest === digest)
      return state === 'trial' || state === 'confirmed' ? null : { state: 'trial' };
    if (state === 'confirmed' || state === 'skipped') {
      return running.state === 'confirmed' && running.generation < generation
        ? { state: 'rejected', code: 'WP3715', detail: `it runs generation ${running.generation} again` }
        : null;
    }
    const { last } = running;
    const startedSince = boot !== null && (device?.state?.boot ?? 0) > boot;
    if (state === 'trial' && startedSince && last?.generation === generation) {
      return { state: 'rejected', code: last.code, detail: 'on trial' };
    }
    return this.#orphan(member);
  }

  /** Was being sent to by a site that has ended since: it begins again. */
  #orphan(member: Member): MemberChange | null {
    const isOrphan = ['sending', 'installing'].includes(member.state) && !this.#running.has(keyOf(member));
    return isOrphan ? { state: 'waiting', attempts: Math.max(1, member.attempts) } : null;
  }

  async #serve(member: Member, turn: Turn): Promise<void> {
    const task = this.#taskOf(member, turn);
    try {
      refuseOlder(member, this.#parts.devices.device(member));
      await this.#parts.delivery.send(task);
      task.goOn();
      const boot = this.#parts.devices.device(member)?.state?.boot ?? 0;
      if (
        !(await this.#move(member, ['sending'], { state: 'installing', boot, attempts: member.attempts + 1 }))
      )
        return;
      const { ok, code, message } = await this.#parts.delivery.install(task);
      if (!ok) throw refusalOf(code, message);
      await this.#move(member, ['installing'], { state: 'trial' });
    } catch (cause) {
      await this.#failed(member, cause);
    }
  }

  #taskOf(member: Member, { bundle, isMine }: Turn): DeliveryTask {
    const { devices } = this.#parts;
    const goOn = () => {
      const device = devices.device(member);
      if (this.#ending.signal.aborted || !isMine() || !this.#isSending(member))
        throw new WatchpostError('WP3714', { detail: 'the roll-out does not go on' });
      if (device === null || !device.online) throw new WatchpostError('WP3405', { detail: member.id });
      if (isCalling(device))
        throw new WatchpostError('WP3714', { detail: 'somebody is calling for help there' });
    };
    const onProgress = (bytes: number) => void this.#sent.set(keyOf(member), bytes);
    return { address: member, bundle, who: ON_BEHALF, goOn, onProgress, signal: this.#ending.signal };
  }

  /** It may be further by what it told of itself. */
  #isSending(member: Member): boolean {
    return readMember(this.#parts.db.sql, member)?.state === 'sending';
  }

  async #failed(member: Member, cause: unknown): Promise<void> {
    const { clock, log } = this.#parts;
    const error = cause instanceof WatchpostError ? cause : new WatchpostError('WP3710', { cause });
    const { code, retryable } = error;
    log.warn({ rollout: member.rollout, device: member.id, code, err: cause }, 'rollout.device-not-served');
    const attempts = PASSING.has(code) ? member.attempts : member.attempts + 1;
    const detail = error.detail?.slice(0, 200) ?? null;
    const isOver = !PASSING.has(code) && (!retryable || attempts >= MOST_ATTEMPTS);
    this.#notBefore.set(keyOf(member), clock.monoMs() + AGAIN_AFTER_MS * 2 ** (isOver ? 0 : attempts));
    if (code === 'WP3405' || code === 'WP3714') this.#notBefore.delete(keyOf(member));
    const to: MemberChange = { state: isOver ? 'failed' : 'waiting', code, detail, attempts };
    await this.#move(member, ['sending', 'installing'], to);
  }

  async #move(member: Member, from: readonly Member['state'][], to: MemberChange): Promise<boolean> {
    const { db, clock, log } = this.#parts;
    const at = new Date(clock.wallMs()).toISOString();
    try {
      const isMoved = await db.commit((sql) => moveMember(sql, member, { from, to, at }));
      if (isMoved) log.info({ rollout: member.rollout, device: member.id, ...to }, 'rollout.device-moved');
      return isMoved;
    } catch (error) {
      log.error({ rollout: member.rollout, device: member.id, error: String(error) }, 'rollout.not-stored');
      return false;
    }
  }
}

/** The device would refuse it after all of it was sent. Throws WP4106. */
function refuseOlder({ generation }: Member, device: KnownDevice | null): void {
  const running = device?.state?.bundle;
  if (running === undefined || running.state !== 'confirmed' || running.generation <= generation) return;
  throw new WatchpostError('WP4106', {
    detail: `generation ${generation}, the device has confirmed ${running.generation}`,
  });
}

/** It was given up for saying nothing, and has come back with what it was given, or with the one before. */
function lateAnswer({ digest, generation, boot }: Member, device: KnownDevice | null): MemberChange | null {
  const running = device?.state?.bundle;
  if (running?.digest === digest) return running.state === 'confirmed' ? { state: 'confirmed' } : null;
  const startedSince = boot !== null && (device?.state?.boot ?? 0) > boot;
  if (!startedSince || running?.last?.generation !== generation) return null;
  return { state: 'rejected', code: running.last.code, detail: 'on trial, told late' };
}

/** Somebody has pressed, and it is not over. */
const isCalling = ({ state }: KnownDevice): boolean => (state?.outputs?.panic ?? 'idle') !== 'idle';

const keyOf = (member: DeviceAddress & { readonly rollout: number }): string =>
  `${member.rollout} ${clientIdOf(member)}`;
