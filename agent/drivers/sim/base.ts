import type { Cancel, Clock, MonoMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import {
  type Base,
  type BaseCapabilities,
  type BaseReading,
  DEAD_MAN_MS,
  type Drive,
  type DriveGoal,
  type DriveOutcome,
  type Hold,
  type Pose,
} from '../../ports/base.ts';
import { SimBody } from './body.ts';
import { SimBaseConfig } from './config.ts';
import { obeyed } from './robot-orders.ts';
import type { SimWorld } from './world.ts';

interface SimBaseParts {
  readonly world: SimWorld;
  readonly clock: Clock;
  readonly config: SimBaseConfig;
}

/** How often contacts are looked at while it moves: twice in a tick of whoever drives. */
const LOOK_EVERY_MS = 20;
const CONTACTS = ['emergencyStop', 'bumper', 'lifted'] as const;

/** A base in the simulated world: drives where it is told, for as long as it is told. */
export class SimBase implements Base {
  readonly capabilities: BaseCapabilities;
  readonly #parts: SimBaseParts;
  readonly #body: SimBody;
  readonly #listeners = new Set<() => void>();
  #state: 'closed' | 'open' = 'closed';
  #detach: Cancel = () => undefined;
  #cancelLook: Cancel | null = null;
  #contacts = '';
  #silentAtMs: MonoMs = 0;

  constructor(parts: SimBaseParts) {
    this.#parts = parts;
    const { world, clock, config } = parts;
    this.#body = new SimBody(config, clock.monoMs());
    this.#body.place(world.pose());
    this.capabilities = { dock: config.dock !== undefined, obstacle: true, deadMan: 'hardware' };
  }

  async start(): Promise<void> {
    if (this.#state === 'open') return;
    this.#state = 'open';
    const body = this.#now();
    body.place(this.#parts.world.pose());
    this.#detach = this.#parts.world.attach({
      pose: () => this.#now().pose,
      place: (pose) => this.#now().place(pose),
      order: (order) => this.#order(order),
      describe: () => ({ ...this.#now().pose, charge: body.battery.charge }),
    });
    this.#contacts = this.#readContacts();
  }

  pose(): Pose {
    const body = this.#now();
    return body.placeError.seen(body.pose);
  }

  read(): BaseReading {
    this.#beStarted();
    const body = this.#now();
    const { placeError } = body;
    const contact = (name: (typeof CONTACTS)[number]) => body.contact(name);
    return {
      atMs: body.isSilent ? this.#silentAtMs : this.#parts.clock.monoMs(),
      estimate: {
        pose: placeError.seen(body.pose),
        covariance: placeError.covariance,
        isLocalized: !placeError.isLost,
      },
      motion: body.motion,
      wheels: body.wheels,
      battery: body.battery,
      contacts: {
        emergencyStop: contact('emergencyStop'),
        bumper: contact('bumper'),
        lifted: contact('lifted'),
      },
      tiltDeg: body.tiltDeg,
      obstacleM: body.isBlind ? 'unknown' : body.obstacleM,
      isDocked: body.isDocked,
    };
  }

  onContact(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  drive(goal: DriveGoal, hold: Hold): Drive {
    this.#beStarted();
    const body = this.#now();
    if (CONTACTS.some((name) => body.contact(name) === 'pressed')) throw new WatchpostError('WP2803');
    const way = this.#wayOf(goal);
    body.cancel('cancelled');
    const drive = new SimDrive(
      (next) => this.#now().refresh(this.#held(next)),
      () => this.#now().cancel('cancelled'),
    );
    const plan = { ...this.#held(hold), end: (outcome: DriveOutcome) => drive.end(outcome) };
    if (goal.kind === 'dock') body.dock(plan);
    else if (goal.kind === 'undock') body.undock(plan);
    else body.drive(way, plan);
    this.#watch();
    return drive;
  }

  stop(): void {
    this.#now().cancel('cancelled');
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.stop();
    this.#state = 'closed';
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#detach();
  }

  #beStarted(): void {
    if (this.#state === 'closed') throw new WatchpostError('WP2804');
  }

  /** The body as it is now. */
  #now(): SimBody {
    this.#body.advance(this.#parts.clock.monoMs());
    return this.#body;
  }

  #held({ forMs, maxMps }: Hold): { untilMs: MonoMs; maxMps: number } {
    const nowMs = this.#parts.clock.monoMs();
    return { untilMs: nowMs + Math.max(0, Math.min(DEAD_MAN_MS, forMs)), maxMps: Math.max(0, maxMps) };
  }

  #wayOf(goal: DriveGoal): readonly Pose[] {
    if (goal.kind === 'dock' || goal.kind === 'undock') {
      if (!this.capabilities.dock) throw new WatchpostError('WP2802', { detail: goal.kind });
      return [];
    }
    const way = goal.kind === 'pose' ? [goal.pose] : goal.poses;
    const { map } = this.#body.pose;
    const wrong = way.find(
      (pose) => pose.map !== map || ![pose.x, pose.y, pose.theta].every(Number.isFinite),
    );
    if (way.length === 0) throw new WatchpostError('WP2805', { detail: 'no place' });
    if (wrong !== undefined) {
      const { x, y, theta } = wrong;
      throw new WatchpostError('WP2805', { detail: `${x}, ${y}, ${theta} on ${wrong.map}, from ${map}` });
    }
    return way;
  }

  /** While it moves its contacts can change by themselves. */
  #watch(): void {
    this.#cancelLook ??= this.#parts.clock.every(LOOK_EVERY_MS, () => {
      const body = this.#now();
      this.#tellContacts();
      if (body.isMoving) return;
      this.#cancelLook?.();
      this.#cancelLook = null;
    });
  }

  #order(order: unknown): void {
    const body = this.#now();
    if (!body.isSilent) this.#silentAtMs = this.#parts.clock.monoMs();
    obeyed(body, order);
    this.#tellContacts();
  }

  #tellContacts(): void {
    const contacts = this.#readContacts();
    if (contacts === this.#contacts) return;
    this.#contacts = contacts;
    for (const listener of this.#listeners) listener();
  }

  #readContacts(): string {
    return CONTACTS.map((name) => this.#body.contact(name)).join();
  }
}

class SimDrive implements Drive {
  readonly done: Promise<DriveOutcome>;
  readonly refresh: (hold: Hold) => void;
  readonly cancel: () => void;
  #outcome: DriveOutcome | null = null;
  #resolve: (outcome: DriveOutcome) => void = () => undefined;

  constructor(refresh: (hold: Hold) => void, cancel: () => void) {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.refresh = (hold) => {
      if (this.#outcome === null) refresh(hold);
    };
    this.cancel = () => {
      if (this.#outcome === null) cancel();
    };
  }

  get outcome(): DriveOutcome | null {
    return this.#outcome;
  }

  end(outcome: DriveOutcome): void {
    this.#outcome ??= outcome;
    this.#resolve(outcome);
  }
}

export const simBaseMaker =
  ({ world, clock }: Pick<SimBaseParts, 'world' | 'clock'>) =>
  (choice: unknown): SimBase =>
    new SimBase({ world, clock, config: SimBaseConfig.parse(choice) });
