import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Pose } from '../../ports/base.ts';
import type { LampPattern } from '../../ports/outputs.ts';

export type SimLink = 'up' | 'down';
export type SimClock = 'unset' | 'synced';
export type SensorLevel = number | 'fail';

export interface SimWorldOptions {
  readonly contacts: readonly string[];
  /** What each sensor reads at first. */
  readonly sensors: Readonly<Record<string, number>>;
  /** Clips by name: files that the simulated camera can play. */
  readonly clips: Readonly<Record<string, string>>;
  /** Which clip follows one that has ended; one that follows itself is looped. */
  readonly next?: Readonly<Record<string, string>>;
  readonly clip: string | null;
  readonly pose: Pose;
  /** Keeps what is pressed over a restart of the agent, as a real button stays down; null keeps nothing. */
  readonly file: string | null;
  readonly log: Log;
}

const Kept = z.object({ version: z.literal(1), closed: z.array(z.string()) });

/** The robot in this world, once its base is started. */
export interface SimRobot {
  pose(): Pose;
  place(pose: Pose): void;
  /** As `RobotOrder` in robot-orders.ts, which only robots load. */
  order(order: unknown): void;
  describe(): Record<string, unknown>;
}

type Listener<T> = (value: T) => void;

/** A place for listeners of one kind of change. */
class Feed<T> {
  readonly #listeners = new Set<Listener<T>>();

  on(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

/**
 * The world around a simulated device, shared by all its drivers: what is pressed, shown, sounded and measured, and
 * whether link and clock are there.
 */
export class SimWorld {
  readonly #options: SimWorldOptions;
  readonly #contacts: Map<string, boolean>;
  readonly #sensors: Map<string, SensorLevel>;
  readonly #contactFeed = new Feed<{ name: string; active: boolean }>();
  readonly #linkFeed = new Feed<SimLink>();
  readonly #clockFeed = new Feed<SimClock>();
  readonly #clipFeed = new Feed<string>();
  #link: SimLink = 'up';
  #clock: SimClock = 'synced';
  #clip: string | null;
  #pose: Pose;
  #robot: SimRobot | null = null;
  lamp: LampPattern | null = null;
  siren: 'on' | 'off' = 'off';
  /** Where each actuator stands in degrees; one that was never turned is not in it. */
  readonly actuators = new Map<string, number>();

  constructor(options: SimWorldOptions) {
    this.#options = options;
    this.#contacts = new Map(options.contacts.map((name) => [name, false]));
    this.#sensors = new Map(Object.entries(options.sensors));
    this.#clip = options.clip;
    this.#pose = options.pose;
  }

  /** Puts the contacts where they were left. */
  start(): void {
    for (const name of this.#recall()) if (this.#contacts.has(name)) this.#contacts.set(name, true);
  }

  contact(name: string): boolean {
    return this.#known(this.#contacts, name);
  }

  /** Moves a contact; answers false when it is there already. */
  setContact(name: string, active: boolean): boolean {
    if (this.contact(name) === active) return false;
    this.#contacts.set(name, active);
    this.#keep();
    this.#contactFeed.tell({ name, active });
    return true;
  }

  onContact(listener: Listener<{ name: string; active: boolean }>): () => void {
    return this.#contactFeed.on(listener);
  }

  sensor(name: string): SensorLevel {
    return this.#known(this.#sensors, name);
  }

  setSensor(name: string, level: SensorLevel): void {
    this.sensor(name);
    this.#sensors.set(name, level);
  }

  get link(): SimLink {
    return this.#link;
  }

  setLink(link: SimLink): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#linkFeed.tell(link);
  }

  onLink(listener: Listener<SimLink>): () => void {
    return this.#linkFeed.on(listener);
  }

  get clock(): SimClock {
    return this.#clock;
  }

  setClock(clock: SimClock): void {
    if (clock === this.#clock) return;
    this.#clock = clock;
    this.#clockFeed.tell(clock);
  }

  onClock(listener: Listener<SimClock>): () => void {
    return this.#clockFeed.on(listener);
  }

  /** The file that the simulated camera plays: what `sim://` stands for; null when there is none. */
  get clipFile(): string | null {
    return this.#clip === null ? null : (this.#options.clips[this.#clip] ?? null);
  }

  get clip(): string | null {
    return this.#clip;
  }

  /** Whether the clip that plays is to be looped. */
  get loops(): boolean {
    return this.#clip !== null && this.#options.next?.[this.#clip] === this.#clip;
  }

  /** The camera has seen the clip to its end. */
  clipEnded(): void {
    const next = this.#clip === null ? undefined : this.#options.next?.[this.#clip];
    if (next !== undefined) this.setClip(next);
  }

  /** Starts a clip from its beginning, also when it is the one being played. */
  setClip(name: string): void {
    const file = Object.hasOwn(this.#options.clips, name) ? this.#options.clips[name] : undefined;
    if (file === undefined) throw unknown(name, Object.keys(this.#options.clips));
    this.#clip = name;
    this.#clipFeed.tell(file);
  }

  /** Calls with the file to be played. */
  onClip(listener: Listener<string>): () => void {
    return this.#clipFeed.on(listener);
  }

  pose(): Pose {
    return this.#robot?.pose() ?? this.#pose;
  }

  /** @throws WatchpostError WP2312 where no simulated robot is started */
  get robot(): SimRobot {
    if (this.#robot === null) throw unknown('robot', []);
    return this.#robot;
  }

  /** From now on the robot knows where it is; the answer ends that, and leaves it where it is then. */
  attach(robot: SimRobot): () => void {
    this.#robot = robot;
    return () => {
      this.#pose = robot.pose();
      this.#robot = null;
    };
  }

  /** Puts the base elsewhere on the same map. */
  setPose({ x, y, theta }: Omit<Pose, 'map'>): void {
    this.#pose = { map: this.#pose.map, x, y, theta };
    this.#robot?.place(this.#pose);
  }

  #known<T>(parts: ReadonlyMap<string, T>, name: string): T {
    const value = parts.get(name);
    if (value === undefined) throw unknown(name, [...parts.keys()]);
    return value;
  }

  #recall(): readonly string[] {
    const { file, log } = this.#options;
    if (file === null) return [];
    try {
      return Kept.parse(JSON.parse(readFileSync(file, 'utf8'))).closed;
    } catch (cause) {
      if (!isMissing(cause)) log.warn({ file, err: cause }, 'sim.world-unreadable');
      return [];
    }
  }

  #keep(): void {
    const { file, log } = this.#options;
    if (file === null) return;
    const closed = [...this.#contacts].filter(([, active]) => active).map(([name]) => name);
    try {
      writeFileSync(`${file}.new`, JSON.stringify({ version: 1, closed }), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (cause) {
      log.warn({ file, err: cause }, 'sim.world-not-kept');
    }
  }
}

function unknown(name: string, known: readonly string[]): WatchpostError {
  const hint = known.length === 0 ? 'This device has none.' : `This device has: ${known.join(', ')}.`;
  return new WatchpostError('WP2312', { detail: name, hint });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
