import { join } from 'node:path';
import type { BypassGate } from '#agent/ports/bypass.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { VisionConfig, VisionReport } from '#agent/ports/vision.ts';
import type { CameraPose } from '#agent/ports/vision-pose.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { BlobReference, Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { CameraHealth } from './camera-health.ts';
import { EvidenceRetention } from './evidence-retention.ts';
import { referenceOf } from './object-events.ts';
import { ReportDesk } from './report-desk.ts';
import { SceneMemoryFolder } from './scene-memory-folder.ts';
import { Snapshots } from './snapshots.ts';
import { VisionChild } from './vision-child.ts';
import { type HealthState, VisionHealth } from './vision-health.ts';

export interface VisionKeeperOptions {
  readonly config: VisionConfig;
  /** Where the device is now. */
  readonly place: () => Place;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: EventRecorder;
  /** Which inputs are bypassed. */
  readonly gate?: BypassGate;
  /** Outlives a restart; open when `start` is called. */
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly sendBlob: (reference: BlobReference, file: string) => void;
  readonly evidenceDays: number;
  /** Days that films are kept; `evidenceDays` when absent. */
  readonly clipDays?: number | undefined;
  /** Without a heartbeat for this long the process is killed. */
  readonly watchdogMs?: number;
  /** Called when a file that is not looped was played to its end. */
  readonly onEnded?: () => void;
  /** Called when `state()` has changed. */
  readonly onChange?: () => void;
  /** What is run: this Node with agent/vision/main.ts. */
  readonly command: readonly string[];
}

export interface VisionState {
  readonly pid: number | null;
  /** Times it was started again. */
  readonly restarts: number;
  readonly backend: string | null;
  /** Frames judged by the process that runs now. */
  readonly frames: number;
  /** `vision` (the process) and `camera-{name}`; absent while unknown. */
  readonly health: Readonly<Record<string, HealthState>>;
}

const WATCHDOG_MS = 10_000;
/** Starting takes longer than a heartbeat, on a busy machine much longer. */
const FIRST_HEARTBEAT_MS = 30_000;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 60_000;
/** Having run for this long, the next failure is a new one. */
const SETTLED_MS = 60_000;
/** So many heartbeats make a process count as well again. */
const HEARTBEATS_TO_TRUST = 3;
const MAX_GARBAGE = 20;
const CLOSE_WITHIN_MS = 4000;
const SNAPSHOT_TIMEOUT_MS = 10_000;

/**
 * Keeps the vision process running and turns what it reports into events. It never waits for the process: of
 * orders that nobody reads the newest is kept, reports are judged as they come, silence ends in SIGKILL and a new start.
 */
export class VisionKeeper {
  readonly #options: VisionKeeperOptions;
  readonly #health: VisionHealth;
  readonly #camera: CameraHealth;
  readonly #memory: SceneMemoryFolder;
  readonly #retention: EvidenceRetention;
  readonly #snapshots: Snapshots;
  readonly #desk: ReportDesk;
  #config: VisionConfig;
  #pose: CameraPose | null = null;
  #child: VisionChild | null = null;
  #cancelWatchdog: Cancel | null = null;
  #cancelRestart: Cancel | null = null;
  #backoffMs = BACKOFF_FIRST_MS;
  #startedMs = 0;
  #restarts = 0;
  #heartbeats = 0;
  #frames = 0;
  #backend: string | null = null;
  #garbage = 0;
  /** Why the child was killed by us, for the event. */
  #killedFor: { code: ErrorCode; detail: string } | null = null;
  #isOrderedRestart = false;
  #closed = false;
  #onGone: (() => void) | null = null;

  constructor(options: VisionKeeperOptions) {
    const { config, clock, log, recorder, memory, evidenceDays, clipDays, onChange } = options;
    this.#options = options;
    this.#config = config;
    this.#health = new VisionHealth({ recorder, memory, clock, log, onChange: () => onChange?.() });
    this.#camera = new CameraHealth(config.camera, this.#health, clock);
    const { camera, evidenceDir, watches } = config;
    this.#memory = new SceneMemoryFolder({ camera, evidenceDir, clock, log });
    this.#retention = new EvidenceRetention({
      folder: config.evidenceDir,
      days: evidenceDays,
      clipDays,
      clock,
      log,
    });
    this.#snapshots = new Snapshots(clock);
    this.#desk = new ReportDesk({ ...options, camera, evidenceDir, watches });
  }

  start(): void {
    this.#retention.start();
    this.#health.start(['vision', this.#camera.part]);
    this.#camera.start();
    this.#desk.start();
    const memoryDir = this.#memory.prepare();
    if (memoryDir !== undefined) this.#config = { ...this.#config, memoryDir };
    this.#spawn();
  }

  /** Ends the process, by force where it does not end itself in time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRestart?.();
    this.#cancelWatchdog?.();
    this.#camera.interrupt();
    this.#snapshots.failAll();
    await Promise.all([this.#endChild(), this.#retention.close()]);
    this.#memory.remove();
    this.#desk.close();
    this.#health.close();
  }

  state(): VisionState {
    return {
      pid: this.#child?.pid ?? null,
      restarts: this.#restarts,
      backend: this.#backend,
      frames: this.#frames,
      health: this.#health.states,
    };
  }

  /** In the fullest crowd that it watches now; 0 where there is none. */
  get people(): number {
    return this.#desk.people;
  }

  /** Watches another source from now on, also after restarts. */
  setSource({ source, loop }: { source: string; loop: boolean }): void {
    this.#config = { ...this.#config, source, loop };
    this.#camera.renew();
    this.#child?.send({ kind: 'source', source, loop });
  }

  /** Where the robot that carries the camera is; told again to a process that is started again. */
  setPose(pose: CameraPose): void {
    this.#pose = pose;
    this.#child?.send({ kind: 'pose', pose });
  }

  /** The door behind `input` was released now; matters to a watch for tailgating. */
  release(input: string): void {
    this.#child?.send({ kind: 'release', input });
  }

  /** The scene now, with all that moves pixelated; sent to the site too. Rejects with WP2407. */
  async snapshot(timeoutMs = SNAPSHOT_TIMEOUT_MS): Promise<BlobReference> {
    if (this.#child === null || this.#closed) throw new WatchpostError('WP2407');
    const requestId = uuidv7(this.#options.clock);
    const answer = this.#snapshots.wait(requestId, timeoutMs);
    this.#child.send({ kind: 'snapshot', requestId });
    const picture = await answer;
    const reference = referenceOf(picture);
    if (reference === null) throw new WatchpostError('WP2407', { detail: 'the answer does not fit' });
    this.#options.sendBlob(reference, join(this.#config.evidenceDir, picture.file));
    return reference;
  }

  /** Starts the process anew at once, on somebody's order: no fault, no event. */
  restart(): void {
    if (this.#closed) return;
    this.#backoffMs = BACKOFF_FIRST_MS;
    if (this.#child === null) {
      this.#cancelRestart?.();
      this.#spawn();
    } else {
      this.#isOrderedRestart = true;
      this.#child.kill();
    }
  }

  #spawn(): void {
    const { clock, command } = this.#options;
    this.#cancelRestart = null;
    this.#startedMs = clock.monoMs();
    this.#heartbeats = 0;
    this.#frames = 0;
    this.#garbage = 0;
    this.#backend = null;
    this.#child = new VisionChild(
      {
        onReport: (report) => this.#take(report),
        onGarbage: () => this.#countGarbage(),
        onSaid: (line) => this.#options.log.warn({ line }, 'vision-said'),
        onExit: (reason) => this.#onExit(reason),
      },
      { clock, command },
    );
    this.#child.send({ kind: 'start', config: this.#config });
    if (this.#pose !== null) this.#child.send({ kind: 'pose', pose: this.#pose });
    this.#watch(FIRST_HEARTBEAT_MS);
    this.#options.log.info({ pid: this.#child.pid }, 'vision-started');
  }

  #watch(withinMs: number): void {
    this.#cancelWatchdog?.();
    this.#cancelWatchdog = this.#options.clock.after(withinMs, () =>
      this.#kill('WP2405', `no sign of life for ${withinMs / 1000} s`),
    );
  }

  #kill(code: ErrorCode, detail: string): void {
    this.#killedFor ??= { code, detail };
    this.#child?.kill();
  }

  #onExit(reason: string): void {
    const { clock, log } = this.#options;
    this.#child = null;
    this.#cancelWatchdog?.();
    this.#camera.interrupt();
    this.#snapshots.failAll();
    this.#onGone?.();
    if (this.#closed) return;
    const ranMs = clock.monoMs() - this.#startedMs;
    const why = this.#killedFor ?? { code: 'WP2406' as const, detail: reason };
    this.#killedFor = null;
    this.#restarts++;
    if (this.#isOrderedRestart) {
      this.#isOrderedRestart = false;
      this.#spawn();
      return;
    }
    if (ranMs > SETTLED_MS) this.#backoffMs = BACKOFF_FIRST_MS;
    log.warn({ ...why, ranMs, againInMs: this.#backoffMs }, 'vision-ended');
    this.#cancelRestart = clock.after(this.#backoffMs, () => this.#spawn());
    this.#backoffMs = Math.min(BACKOFF_MAX_MS, this.#backoffMs * 2);
    this.#health.set('vision', 'failed', why.code, why.detail);
  }

  #take(report: VisionReport): void {
    switch (report.kind) {
      case 'heartbeat':
        this.#beat(report.frames);
        break;
      case 'ready':
        this.#backend = report.backend;
        break;
      case 'object':
      case 'watch':
      case 'visit':
        if (!this.#desk.take(report)) this.#kill('WP2409', 'more objects than can be');
        break;
      case 'watching':
        this.#desk.watching(report.objectIds);
        break;
      case 'snapshot':
        this.#snapshots.answer(report.requestId, report.picture);
        break;
      case 'source':
        this.#camera.take(report);
        if (report.state === 'ended') this.#options.onEnded?.();
    }
  }

  #beat(frames: number): void {
    this.#frames = frames;
    this.#watch(this.#options.watchdogMs ?? WATCHDOG_MS);
    if (++this.#heartbeats >= HEARTBEATS_TO_TRUST) this.#health.set('vision', 'ok');
  }

  #countGarbage(): void {
    if (++this.#garbage === 1) this.#options.log.warn({ code: 'WP2409' }, 'vision-garbage');
    if (this.#garbage > MAX_GARBAGE) this.#kill('WP2409', `${this.#garbage} in one run`);
  }

  #endChild(): Promise<void> {
    const child = this.#child;
    if (child === null) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_WITHIN_MS, () => child.kill());
      this.#onGone = () => {
        cancel();
        resolve();
      };
      child.end();
    });
  }
}
