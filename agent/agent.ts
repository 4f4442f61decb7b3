import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { readVersion } from '#contract/version.ts';
import { actuatorOutputs, makeActuators, simulatedActuators } from './actuator-wiring.ts';
import { makeAlive, type RunParts, runState, visionPlace } from './alive-wiring.ts';
import type { ActuatorKeeper } from './behaviours/actuators/actuator-keeper.ts';
import type { Alive } from './behaviours/alive/alive.ts';
import type { BypassDesk } from './behaviours/bypass/bypass-desk.ts';
import type { CommandDesk } from './behaviours/commands/desk.ts';
import type { DoorReleases } from './behaviours/detection/door-releases.ts';
import type { PoseWatch } from './behaviours/detection/pose-watch.ts';
import type { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import type { BundleFetch } from './behaviours/fetch/bundle-fetch.ts';
import { HealthBoard } from './behaviours/health/board.ts';
import type { HealthBehaviour } from './behaviours/health/health.ts';
import type { PathTest } from './behaviours/health/path-test.ts';
import { PanicBehaviour } from './behaviours/panic/runner.ts';
import type { Renewal } from './behaviours/renewal/renewal.ts';
import { SensorsBehaviour } from './behaviours/sensors/sensors.ts';
import type { SoundTest } from './behaviours/sound-test/sound-test.ts';
import type { Talk } from './behaviours/talk/talk.ts';
import { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import { VoiceBehindAlarm } from './behaviours/voice/behind-alarm.ts';
import { type ClipLibrary, loadClips, noClips } from './behaviours/voice/clips.ts';
import type { SirenUnderVoice } from './behaviours/voice/siren-under-voice.ts';
import { volumeByHour } from './behaviours/voice/volume.ts';
import { makeBypass } from './bypass-wiring.ts';
import { makeCommands } from './command-wiring.ts';
import { partsOf } from './device-parts.ts';
import type { Drivers } from './driver-loading.ts';
import { healthOfChoice } from './drivers/audio/auto-speaker.ts';
import { SPOKEN_FILE } from './drivers/audio/create-speaker.ts';
import { ControlSocket } from './drivers/sim/control-socket.ts';
import { SimTransport } from './drivers/sim/transport.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import { makeFetch } from './fetch-wiring.ts';
import { type GuidanceDesk, makeGuidance } from './guidance-wiring.ts';
import { type Hardware, type HardwareParts, makeHardware } from './hardware.ts';
import { makeHealth, makePathTest } from './health-wiring.ts';
import type { Failpoint } from './ports/failpoint.ts';
import { isAlarmInput } from './ports/inputs.ts';
import type { DeviceProfile } from './ports/profile.ts';
import { certificateOf, makeRenewal } from './renewal-wiring.ts';
import type { Robot } from './robot-wiring.ts';
import type { AgentSettings } from './settings.ts';
import { isSimulated, simulatedWorld } from './simulation.ts';
import { makeSiren, makeSoundTest, makeTalk } from './sound-wiring.ts';
import { makeSpine, type Spine } from './spine.ts';
import type { SlotsBehaviour, SlotsParts } from './trial-wiring.ts';
import { endCamera, makeDoors, makePoseWatch, makeVision } from './vision-wiring.ts';

const AGENT_VERSION = readVersion();

export interface AgentParts {
  readonly settings: AgentSettings;
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly failpoint?: Failpoint;
  /** Those that the profile names (`loadDrivers`). */
  readonly drivers: Drivers;
  /** How this run came about, and who looks after it. */
  readonly run?: RunParts;
  /** Where its voice lies; the device's own folder when absent. */
  readonly contentDir?: string;
  /** Makes what looks after the slots, on a device that has some. */
  readonly slots?: (parts: SlotsParts) => SlotsBehaviour;
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
  readonly #siren: SirenUnderVoice | null;
  readonly #actuators: ActuatorKeeper;
  readonly #bypass: BypassDesk;
  readonly #panic: PanicBehaviour;
  readonly #vision: VisionKeeper | null;
  readonly #poseWatch: PoseWatch | null;
  readonly #doors: DoorReleases;
  readonly #sensors: SensorsBehaviour;
  readonly #health: HealthBehaviour;
  readonly #pathTest: PathTest;
  readonly #soundTest: SoundTest | null;
  readonly #talk: Talk;
  readonly #fetch: BundleFetch | null;
  readonly #renewal: Renewal | null;
  readonly #slots: SlotsBehaviour | null;
  /** Outputs that were not started yet, or could not be. */
  readonly #starting = new Set<string>();
  readonly #guidance: GuidanceDesk | null;
  readonly #alive: Alive | null;
  readonly #commands: CommandDesk;
  readonly #control: ControlSocket | null;
  #robot: Robot | null = null;
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
    this.#siren = makeSiren({
      ...{ profile, log, spine: this.#spine, board: this.#board, voice: this.#voice },
      siren: this.#hardware.siren,
      isHeard: () => this.#sound?.output !== 'wav',
    });
    this.#actuators = makeActuators({
      ...{ profile, log, hardware: this.#hardware },
      onHealth: (part, health) => this.#board.report(part, health),
      onChange: () => this.#link.stateChanged(),
    });
    this.#bypass = makeBypass({ profile, log, spine: this.#spine });
    this.#panic = this.#makePanic();
    const base = { profile, settings, log, spine: this.#spine, place: () => this.#place() };
    const sight = { ...base, hardware: this.#hardware, world: this.#world, gate: this.#bypass };
    this.#vision = makeVision({ ...sight, runIn: visionPlace(parts) });
    this.#poseWatch = makePoseWatch(sight, this.#vision);
    this.#doors = makeDoors(sight, this.#vision);
    this.#sensors = this.#makeSensors();
    const watch = { ...base, board: this.#board, panic: this.#panic };
    this.#health = makeHealth(watch, this.#vision);
    this.#pathTest = makePathTest(watch);
    this.#alive = makeAlive({ ...watch, run: parts.run });
    this.#soundTest = makeSoundTest({
      ...{ profile, dataDir: settings.dataDir, log, spine: this.#spine },
      ...{ board: this.#board, panic: this.#panic, voice: this.#voice },
    });
    this.#guidance = makeGuidance({
      ...{ profile, dataDir: settings.dataDir, log, spine: this.#spine, hardware: this.#hardware },
      ...{ panic: this.#panic, voice: this.#voice, voiceDir: this.#voiceDir },
      onHealth: (part, health) => this.#board.report(part, health),
    });
    this.#talk = makeTalk({ spine: this.#spine, voice: this.#voice, log });
    this.#fetch = makeFetch({ settings, profile, spine: this.#spine, log });
    this.#renewal = makeRenewal({ ...watch, spine: this.#spine });
    const { panic, board, spine } = { panic: this.#panic, board: this.#board, spine: this.#spine };
    this.#slots =
      parts.slots?.({ profile, log, spine, board, panic, vision: this.#vision, starting: this.#starting }) ??
      null;
    this.#commands = makeCommands({
      ...{ profile, log, spine: this.#spine, hardware: this.#hardware, board: this.#board },
      ...{ panic: this.#panic, voice: this.#voice, vision: this.#vision, pathTest: this.#pathTest },
      ...{ bypass: this.#bypass, actuators: this.#actuators, soundTest: this.#soundTest, talk: this.#talk },
      fetch: this.#fetch,
      identity: this.#renewal,
      slots: this.#slots?.control ?? null,
      clips: () => this.#clips,
      restart: parts.run?.restart ?? null,
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
    await this.#attempt('alive', () => this.#alive?.start());
    await this.#attempt('link', () => {
      if (this.#spine.transport instanceof SimTransport) this.#spine.transport.start();
      this.#renewal?.start();
      if (this.#spine.keys === null) this.#link.start();
      else void this.#startLink(this.#spine.keys);
    });
    await this.#attempt('talk', () => this.#talk.start());
    await this.#attempt('fetch', () => this.#fetch?.start());
    await this.#attempt('commands', () => this.#commands.start());
    await this.#attempt('sensors', () => this.#sensors.start());
    await this.#attempt('health', () => this.#health.start());
    await this.#attempt('path-test', () => this.#pathTest.start());
    await this.#attempt('sound-test', () => this.#soundTest?.start());
    await this.#attempt('control-socket', () => this.#control?.start());
    await this.#attempt('vision', () => this.#startVision());
    await this.#attempt('pose-watch', () => this.#poseWatch?.start());
    await this.#attempt('doors', () => this.#doors.start());
    await this.#attempt('guidance', () => this.#guidance?.start());
    await this.#attempt('bundle', () => this.#slots?.start());
    const { camera } = this.#parts.profile;
    if (camera !== undefined && this.#vision === null) {
      this.#board.report(`camera-${camera.name}`, { state: 'failed', code: 'WP2411' });
    }
  }

  /** A TPM that is slow keeps the connection waiting, and nothing else. */
  async #startLink(keys: NonNullable<Spine['keys']>): Promise<void> {
    await keys.start();
    if (!this.#isClosing) this.#link.start();
  }

  #startVision(): void {
    if (this.#vision !== null) this.#vision.start();
    else if (this.#parts.profile.camera === undefined && this.#parts.run?.start.mode !== 'safe')
      endCamera({ ...this.#parts, spine: this.#spine, place: () => this.#place() });
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
    const { lamp } = this.#hardware;
    const { log } = this.#parts;
    const begin = async (
      part: string,
      start: () => Promise<void> | undefined,
      then: () => void = () => undefined,
    ) => {
      this.#starting.add(part);
      try {
        await start();
        this.#starting.delete(part);
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
    void begin('siren', () => this.#siren?.start());
    void begin('base', () => this.#startBase());
    void begin('voice', () => this.#voice.start());
    void begin('actuators', () => this.#actuators.start());
  }

  /** What moves a robot is loaded by robots alone. */
  async #startBase(): Promise<void> {
    const { base } = this.#hardware;
    if (base === null) return;
    await base.start();
    const { startRobot } = await import('./robot-wiring.ts');
    if (this.#isClosing) return;
    const seen = { vision: this.#vision, world: this.#world, place: () => this.#place() };
    const told = { board: this.#board, panic: this.#panic, voice: this.#voice };
    const own = { spine: this.#spine, hardware: this.#hardware };
    this.#robot = await startRobot({ ...this.#parts, ...own, ...told, ...seen }, base);
    if (this.#isClosing) this.#robot.close();
  }

  /** In the order in which nothing is left behind: inputs first, the journal last. Idempotent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const end of this.#ended.splice(0)) end();
    const { lamp, base } = this.#hardware;
    this.#robot?.close();
    this.#alive?.close();
    this.#pathTest.close();
    await this.#closeEach(() => this.#slots?.close());
    this.#renewal?.close();
    this.#poseWatch?.close();
    await this.#closeEach(
      () => this.#control?.close(),
      () => this.#guidance?.close(),
    );
    await this.#closeEach(
      () => this.#commands.close(),
      () => this.#sensors.close(),
      () => this.#health.close(),
      () => this.#doors.close(),
      () => this.#fetch?.close(),
      () => this.#vision?.close(),
    );
    await this.#closeEach(() => this.#panic.close());
    // From here until the next `agent.armed` no press is taken.
    this.#parts.log.info({}, 'agent.disarmed');
    this.#bypass.close();
    this.#talk.close();
    await this.#closeEach(
      () => this.#link.close(),
      () => this.#voice.close(),
    );
    await this.#closeEach(() => this.#soundTest?.close());
    await this.#closeEach(
      () => lamp.close(),
      () => this.#siren?.close(),
      () => base?.close(),
      () => this.#actuators.close(),
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

  get #voiceDir(): string {
    const { contentDir, settings } = this.#parts;
    return join(contentDir ?? settings.dataDir, 'voice');
  }

  #makeVoice(): VoiceArbiter {
    const { profile, log } = this.#parts;
    const dir = this.#voiceDir;
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
      breathMs: (priority) => this.#siren?.breathMs(priority) ?? 0,
      onHealth: (health) => this.#board.report('voice', health),
    });
  }

  #deviceState() {
    const { profile } = this.#parts;
    return {
      bootId: this.#clock.bootId,
      profile: { name: profile.name, version: profile.profileVersion, kind: profile.kind },
      place: this.#place(),
      versions: { agent: AGENT_VERSION, node: process.versions.node },
      outputs: { ...this.#panic.outputs(), ...this.#robot?.lamp(), ...actuatorOutputs(this.#actuators) },
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
      ...certificateOf(this.#spine),
      ...runState(this.#parts.run),
      ...(this.#robot && { robot: this.#robot.describe() }),
      ...this.#slots?.state,
      parts: partsOf(profile),
    };
  }

  #place(): Place {
    const { place } = this.#parts.profile;
    const { base } = this.#hardware;
    return base === null ? place : { ...place, pose: { ...base.pose() } };
  }

  #makePanic(): PanicBehaviour {
    const { profile, log } = this.#parts;
    const { lamp, base } = this.#hardware;
    const inputs = this.#hardware.inputs.filter(isAlarmInput);
    return new PanicBehaviour({
      config: profile.panic,
      place: profile.place,
      ...(base === null ? {} : { pose: () => base.pose() }),
      inputs,
      gate: this.#bypass,
      lamp,
      siren: this.#siren,
      voice: new VoiceBehindAlarm(this.#voice, this.#clock),
      recorder: this.#journal,
      delivery: this.#spine.outbox.delivery,
      link: this.#link,
      memory: this.#spine.memory,
      clock: this.#clock,
      log,
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

  #makeControl(world: SimWorld): ControlSocket {
    const { settings, profile, log } = this.#parts;
    return new ControlSocket({
      dir: settings.dataDir,
      world,
      inputs: profile.inputs,
      onRecorded: (listener) => this.#panic.onRecorded(listener),
      state: () => ({
        ...{ ...this.#panic.outputs(), ...this.#robot?.lamp() },
        ...simulatedActuators(this.#actuators, world),
        voice: this.#voice.speaking === null ? null : { ...this.#voice.speaking },
        link: this.#link.state,
        queues: this.#journal.queues(),
        ...(this.#robot && { robot: this.#robot.sim() }),
        ...(this.#guidance?.state && { guidance: this.#guidance.state }),
        ...(this.#sound === null ? {} : { sound: this.#sound }),
      }),
      clock: this.#clock,
      log,
    });
  }
}
