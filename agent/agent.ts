import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WatchpostError } from '#contract/errors.ts';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { Lane } from '#contract/topics.ts';
import { BypassDesk } from './behaviours/bypass/bypass-desk.ts';
import type { CommandDesk } from './behaviours/commands/desk.ts';
import { DoorReleases } from './behaviours/detection/door-releases.ts';
import { endFormerCamera } from './behaviours/detection/former-camera.ts';
import { PoseWatch } from './behaviours/detection/pose-watch.ts';
import { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import { HealthBoard } from './behaviours/health/board.ts';
import { HealthBehaviour } from './behaviours/health/health.ts';
import { PathTest } from './behaviours/health/path-test.ts';
import {
  childProbe,
  clockProbe,
  diskProbe,
  loopProbe,
  type Probe,
  queueProbe,
  temperatureProbe,
} from './behaviours/health/probes.ts';
import { PanicBehaviour } from './behaviours/panic/runner.ts';
import { SensorsBehaviour } from './behaviours/sensors/sensors.ts';
import type { SoundTest } from './behaviours/sound-test/sound-test.ts';
import { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import { VoiceBehindAlarm } from './behaviours/voice/behind-alarm.ts';
import { type ClipLibrary, loadClips, noClips } from './behaviours/voice/clips.ts';
import { volumeByHour } from './behaviours/voice/volume.ts';
import { makeCommands } from './command-wiring.ts';
import type { Drivers } from './driver-loading.ts';
import { healthOfChoice } from './drivers/audio/auto-speaker.ts';
import { SPOKEN_FILE } from './drivers/audio/create-speaker.ts';
import { ControlSocket } from './drivers/sim/control-socket.ts';
import { SimTransport } from './drivers/sim/transport.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import { type Hardware, type HardwareParts, makeHardware } from './hardware.ts';
import type { Failpoint } from './ports/failpoint.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { AgentSettings } from './settings.ts';
import { isSimulated, simulatedWorld } from './simulation.ts';
import { makeSoundTest } from './sound-wiring.ts';
import { makeSpine, type Spine } from './spine.ts';

export interface AgentParts {
  readonly settings: AgentSettings;
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly failpoint?: Failpoint;
  /** Those that the profile names (`loadDrivers`). */
  readonly drivers: Drivers;
  /** Makes the parts of the device; a bench wraps them to see when they are worked. */
  readonly hardware?: (parts: HardwareParts) => Hardware;
}

/** Everything of one device, wired together. `start` arms the button before anything else that can wait. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #world: SimWorld | null;
  readonly #spine: Spine;
  readonly #board: HealthBoard;
  readonly #hardware: Hardware;
  readonly #voice: VoiceArbiter;
  readonly #bypass: BypassDesk;
  readonly #panic: PanicBehaviour;
  readonly #vision: VisionKeeper | null;
  readonly #poseWatch: PoseWatch | null;
  readonly #doors: DoorReleases;
  readonly #sensors: SensorsBehaviour;
  readonly #health: HealthBehaviour;
  readonly #pathTest: PathTest;
  readonly #soundTest: SoundTest | null;
  readonly #commands: CommandDesk;
  readonly #control: ControlSocket | null;
  #clips: ClipLibrary = noClips;
  #sound: { readonly output: string; readonly file: string | null } | null = null;
  #ended: (() => void)[] = [];
  #isClosing = false;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    const { profile, log, settings } = parts;
    this.#world = isSimulated(profile) ? simulatedWorld(profile, { dataDir: settings.dataDir, log }) : null;
    this.#spine = makeSpine({ ...parts, world: this.#world, state: () => this.#deviceState() });
    this.#board = new HealthBoard({
      recorder: this.#journal,
      log,
      onChange: () => this.#link.stateChanged(),
    });
    this.#hardware = this.#makeHardware();
    this.#voice = this.#makeVoice();
    this.#bypass = this.#makeBypass();
    this.#panic = this.#makePanic();
    this.#vision = this.#makeVision();
    this.#poseWatch = this.#makePoseWatch();
    this.#doors = this.#makeDoors();
    this.#sensors = this.#makeSensors();
    this.#health = this.#makeHealth();
    this.#pathTest = this.#makePathTest();
    this.#soundTest = makeSoundTest({
      ...{ profile, dataDir: settings.dataDir, log, spine: this.#spine },
      ...{ board: this.#board, panic: this.#panic, voice: this.#voice },
    });
    this.#commands = makeCommands({
      ...{ profile, log, spine: this.#spine, hardware: this.#hardware, board: this.#board },
      ...{ panic: this.#panic, voice: this.#voice, vision: this.#vision, pathTest: this.#pathTest },
      ...{ bypass: this.#bypass, soundTest: this.#soundTest },
      clips: () => this.#clips,
    });
    this.#control = this.#world === null ? null : this.#makeControl(this.#world);
  }

  get #clock(): Spine['clock'] {
    return this.#spine.clock;
  }

  get #journal(): Spine['journal'] {
    return this.#spine.journal;
  }

  get #link(): Spine['link'] {
    return this.#spine.link;
  }

  /** Resolves when a press would be recorded and can be sent; the rest gets ready behind it and may fail. */
  async start(): Promise<void> {
    this.#world?.start();
    this.#clock.start();
    this.#journal.start();
    this.#listen();
    this.#startOutputs();
    this.#bypass.start();
    await this.#panic.start();
    await this.#attempt('outbox', () => this.#spine.outbox.start());
    await this.#attempt('link', () => {
      if (this.#spine.transport instanceof SimTransport) this.#spine.transport.start();
      this.#link.start();
    });
    await this.#attempt('commands', () => this.#commands.start());
    await this.#attempt('sensors', () => this.#sensors.start());
    await this.#attempt('health', () => this.#health.start());
    await this.#attempt('path-test', () => this.#pathTest.start());
    await this.#attempt('sound-test', () => this.#soundTest?.start());
    await this.#attempt('control-socket', () => this.#control?.start());
    await this.#attempt('vision', () => this.#startVision());
    await this.#attempt('pose-watch', () => this.#poseWatch?.start());
    await this.#attempt('doors', () => this.#doors.start());
    const { camera } = this.#parts.profile;
    if (camera !== undefined && this.#vision === null) {
      this.#board.report(`camera-${camera.name}`, { state: 'failed', code: 'WP2411' });
    }
  }

  #startVision(): void {
    if (this.#vision !== null) this.#vision.start();
    else if (this.#parts.profile.camera === undefined) this.#endFormerCamera();
  }

  #endFormerCamera(): void {
    const place = () => this.#place();
    const { memory, clock } = this.#spine;
    endFormerCamera({ place, recorder: this.#journal, memory, clock, log: this.#parts.log });
  }

  /** One part of an armed device: what keeps it from starting is told, and keeps nothing else. */
  async #attempt(part: string, start: () => Promise<void> | void): Promise<void> {
    if (this.#isClosing) return;
    try {
      await start();
    } catch (cause) {
      const code = cause instanceof WatchpostError ? cause.code : 'WP2209';
      this.#parts.log.error({ part, code, err: cause }, 'agent.part-not-started');
      this.#board.report(part, { state: 'failed', code });
    }
  }

  /** None of them is waited for: the button is armed first. */
  #startOutputs(): void {
    const { lamp, siren, base } = this.#hardware;
    const { log } = this.#parts;
    const begin = async (
      part: string,
      start: () => Promise<void> | undefined,
      then: () => void = () => undefined,
    ) => {
      try {
        await start();
        then();
      } catch (cause) {
        const code = cause instanceof WatchpostError ? cause.code : 'WP2303';
        log.error({ part, err: cause }, 'agent.part-not-started');
        this.#board.report(part, { state: 'failed', code });
      }
    };
    void begin(
      'lamp',
      () => lamp.start(),
      () => lamp.show(this.#panic.outputs().lamp),
    );
    void begin('siren', () => siren?.start());
    void begin('base', () => base?.start());
    void begin('voice', () => this.#voice.start());
  }

  /** In the order in which nothing is left behind: inputs first, the journal last. Idempotent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const end of this.#ended.splice(0)) end();
    const { lamp, siren, base } = this.#hardware;
    this.#pathTest.close();
    this.#poseWatch?.close();
    await this.#closeEach(() => this.#control?.close());
    await this.#closeEach(
      () => this.#commands.close(),
      () => this.#sensors.close(),
      () => this.#health.close(),
      () => this.#doors.close(),
      () => this.#vision?.close(),
    );
    await this.#closeEach(() => this.#panic.close());
    this.#bypass.close();
    await this.#closeEach(() => this.#link.close());
    await this.#closeEach(() => this.#voice.close());
    await this.#closeEach(() => this.#soundTest?.close());
    await this.#closeEach(
      () => lamp.close(),
      () => siren?.close(),
      () => base?.close(),
    );
    if (this.#spine.transport instanceof SimTransport) this.#spine.transport.close();
    this.#spine.outbox.close();
    this.#journal.close();
    this.#clock.close();
  }

  /** One that fails keeps none behind it from closing, the journal least of all. */
  async #closeEach(...closings: readonly (() => Promise<void> | undefined)[]): Promise<void> {
    const outcomes = await Promise.allSettled(closings.map(async (close) => close()));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        this.#parts.log.error({ err: outcome.reason }, 'agent.part-not-closed');
    }
  }

  #listen(): void {
    const world = this.#world;
    const tell = () => this.#link.stateChanged();
    this.#ended.push(this.#clock.onQuality(tell), this.#spine.outbox.onLanesChanged(tell));
    if (world === null) return;
    this.#ended.push(
      world.onClock(() => this.#clock.look()),
      world.onClip((source) => this.#vision?.setSource({ source, loop: world.loops })),
      // A network that comes back is noticed at once, as a driver of a modem would tell.
      world.onLink((link) => {
        if (link === 'up') this.#link.urge();
      }),
    );
  }

  #makeHardware(): Hardware {
    const { settings, profile, log, drivers, hardware = makeHardware } = this.#parts;
    return hardware({
      profile,
      drivers,
      dataDir: settings.dataDir,
      clock: this.#clock,
      log,
      world: this.#world,
      onSpeaker: (choice) => {
        this.#sound = {
          output: choice.output,
          file: choice.output === 'wav' ? join(settings.dataDir, SPOKEN_FILE) : null,
        };
        this.#board.report('speaker', healthOfChoice(choice));
      },
      onHealth: (part, health) => this.#board.report(part, health),
    });
  }

  #makeVoice(): VoiceArbiter {
    const { settings, profile, log } = this.#parts;
    const dir = join(settings.dataDir, 'voice');
    return new VoiceArbiter({
      clock: this.#clock,
      log,
      speaker: this.#hardware.speaker,
      loadClips: async () => {
        this.#clips = await loadClips(dir);
        return this.#clips;
      },
      languages: profile.languages,
      ...(profile.voice === undefined ? {} : { volumeDb: volumeByHour(profile.voice, this.#clock) }),
      onHealth: (health) => this.#board.report('voice', health),
    });
  }

  #deviceState() {
    const { profile } = this.#parts;
    return {
      bootId: this.#clock.bootId,
      profile: { name: profile.name, version: profile.profileVersion, kind: profile.kind },
      place: this.#place(),
      versions: { node: process.versions.node },
      outputs: this.#panic.outputs(),
      clock: { quality: this.#clock.quality(), time: new Date(this.#clock.wallMs()).toISOString() },
      supervisionS: profile.supervisionS,
      testEveryH: profile.testEveryH,
      queues: this.#journal.queues(),
      health: {
        ...this.#board.record(),
        ...this.#vision?.state().health,
        ...this.#sensors.health(),
        ...this.#panic.health(),
      },
      bypassed: this.#bypass.describe(),
    };
  }

  #place(): Place {
    const { place } = this.#parts.profile;
    const { base } = this.#hardware;
    return base === null ? place : { ...place, pose: { ...base.pose() } };
  }

  #makePanic(): PanicBehaviour {
    const { profile, log } = this.#parts;
    const { lamp, siren, base } = this.#hardware;
    // The contact that releases a door is no alarm.
    const inputs = this.#hardware.inputs.filter(({ kind }) => kind !== 'door');
    return new PanicBehaviour({
      config: profile.panic,
      place: profile.place,
      ...(base === null ? {} : { pose: () => base.pose() }),
      inputs,
      gate: this.#bypass,
      lamp,
      siren,
      voice: new VoiceBehindAlarm(this.#voice, this.#clock),
      recorder: this.#journal,
      delivery: this.#spine.outbox.delivery,
      link: this.#link,
      memory: this.#spine.memory,
      clock: this.#clock,
      log,
    });
  }

  #makeVision(): VisionKeeper | null {
    const { profile, settings, log } = this.#parts;
    const { camera, retention } = profile;
    const { cameraSource } = this.#hardware;
    if (camera === undefined || cameraSource === null) return null;
    return new VisionKeeper({
      config: {
        camera: camera.name,
        source: cameraSource,
        loop: this.#world?.loops ?? false,
        width: camera.width,
        framesPerSecond: camera.framesPerSecond,
        dwellS: camera.dwellS,
        zones: camera.zones,
        watches: camera.watches,
        ...(camera.clip === undefined ? {} : { clip: camera.clip }),
        ...(camera.model === undefined ? {} : { model: camera.model }),
        mobile: this.#hardware.base !== null,
        ...(camera.mount === undefined ? {} : { mount: camera.mount }),
        referencesDir: join(settings.dataDir, 'references'),
        evidenceDir: join(settings.dataDir, 'evidence'),
      },
      place: () => this.#place(),
      clock: this.#clock,
      log,
      recorder: this.#journal,
      memory: this.#spine.memory,
      sendBlob: (reference, file) => this.#spine.blobs.send(reference, file),
      evidenceDays: retention.evidenceDays,
      clipDays: retention.clipDays,
      onEnded: () => this.#world?.clipEnded(),
      onChange: () => this.#link.stateChanged(),
      command: [process.execPath, fileURLToPath(new URL('./vision/main.ts', import.meta.url))],
    });
  }

  /** A camera that is carried about must know when it stands. */
  #makePoseWatch(): PoseWatch | null {
    const { base } = this.#hardware;
    const vision = this.#vision;
    if (base === null || vision === null) return null;
    const { waypoints } = this.#parts.profile;
    return new PoseWatch({ base, waypoints, clock: this.#clock, onPose: (pose) => vision.setPose(pose) });
  }

  #makeDoors(): DoorReleases {
    return new DoorReleases({
      inputs: this.#hardware.inputs.filter(({ kind }) => kind === 'door'),
      onRelease: (input) => this.#vision?.release(input),
      recorder: this.#journal,
      memory: this.#spine.memory,
      clock: this.#clock,
      log: this.#parts.log,
    });
  }

  #makeSensors(): SensorsBehaviour {
    const configs = this.#parts.profile.sensors;
    return new SensorsBehaviour({
      sensors: this.#hardware.sensors.flatMap((sensor) => {
        const config = configs.find(({ name }) => name === sensor.name);
        return config === undefined ? [] : [{ sensor, config }];
      }),
      place: () => this.#place(),
      urge: () => this.#link.urge(),
      gate: this.#bypass,
      recorder: this.#journal,
      memory: this.#spine.memory,
      clock: this.#clock,
      log: this.#parts.log,
    });
  }

  #makeHealth(): HealthBehaviour {
    const { profile, settings, log } = this.#parts;
    const depths = () => this.#journal.queues();
    const lanes: Lane[] = ['alarm', 'event', 'telemetry'];
    const probes: Probe[] = [
      clockProbe(this.#clock),
      diskProbe(settings.dataDir),
      temperatureProbe(),
      loopProbe(),
      ...lanes.map((lane) => queueProbe(lane, { depths, link: this.#link })),
    ];
    const vision = this.#vision;
    if (vision !== null)
      probes.push(childProbe('vision', () => (vision.state().pid === null ? 'restarting' : 'running')));
    return new HealthBehaviour({
      board: this.#board,
      probes,
      supervisionS: profile.supervisionS,
      heartbeat: () => this.#link.stateChanged(),
      recorder: this.#journal,
      clock: this.#clock,
      log,
    });
  }

  #makePathTest(): PathTest {
    const { profile, settings, log } = this.#parts;
    return new PathTest({
      address: settings.address,
      everyH: profile.testEveryH,
      place: () => this.#place(),
      isCalling: () => this.#panic.phase !== 'idle',
      recorder: this.#journal,
      delivery: this.#spine.outbox.delivery,
      memory: this.#spine.memory,
      clock: this.#clock,
      log,
    });
  }

  #makeBypass(): BypassDesk {
    const { profile, log } = this.#parts;
    const { doors = [], others = [] } = Object.groupBy(profile.inputs, ({ kind }) =>
      kind === 'door' ? 'doors' : 'others',
    );
    return new BypassDesk({
      names: [...others, ...profile.sensors].map(({ name }) => name),
      doors: doors.map(({ name }) => name),
      recorder: this.#journal,
      memory: this.#spine.memory,
      clock: this.#clock,
      log,
      onChange: () => this.#link.stateChanged(),
    });
  }

  #makeControl(world: SimWorld): ControlSocket {
    const { settings, profile, log } = this.#parts;
    return new ControlSocket({
      dir: settings.dataDir,
      world,
      inputs: profile.inputs,
      onRecorded: (listener) => this.#panic.onRecorded(listener),
      state: () => ({
        ...this.#panic.outputs(),
        voice: this.#voice.speaking === null ? null : { ...this.#voice.speaking },
        link: this.#link.state,
        queues: this.#journal.queues(),
        ...(this.#sound === null ? {} : { sound: this.#sound }),
      }),
      clock: this.#clock,
      log,
    });
  }
}
