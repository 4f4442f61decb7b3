import { PanicBehaviour } from '#agent/behaviours/panic/runner.ts';
import { SimContact } from '#agent/drivers/sim/contact.ts';
import { ControlSocket } from '#agent/drivers/sim/control-socket.ts';
import { SimLamp } from '#agent/drivers/sim/lamp.ts';
import type { SimState } from '#agent/drivers/sim/protocol.ts';
import { SimSiren } from '#agent/drivers/sim/siren.ts';
import type { SimWorld } from '#agent/drivers/sim/world.ts';
import {
  FakeLink,
  FakeMemory,
  FakeRecorder,
  FakeVoice,
  ManualDeviceClock,
  silentLog,
} from '#test/agent/behaviours/fakes.ts';
import { simWorld } from '#test/agent/drivers/sim/sim-world.ts';

/** A simulated pillar with real inputs, panic behaviour and control socket; only journal and link are played. */
export class SimDevice {
  readonly world: SimWorld = simWorld();
  readonly recorder = new FakeRecorder();
  readonly link = new FakeLink();
  readonly voice = new FakeVoice();
  readonly clock = new ManualDeviceClock();
  readonly panic: PanicBehaviour;
  readonly #socket: ControlSocket;

  constructor(dir: string) {
    const { world, clock, recorder, link, voice } = this;
    const inputs = (['button', 'tamper'] as const).map(
      (name) => new SimContact({ name, kind: name, world, clock }),
    );
    this.panic = new PanicBehaviour({
      config: { stuckAfterS: 30, siren: true, sirenMaxS: 60, repeatEveryS: 20 },
      place: { label: 'Gate 3' },
      lamp: new SimLamp({ name: 'lamp', world }),
      siren: new SimSiren({ name: 'siren', world }),
      memory: new FakeMemory(),
      delivery: link,
      log: silentLog,
      ...{ inputs, recorder, link, voice, clock },
    });
    this.#socket = new ControlSocket({
      onRecorded: (listener) => this.panic.onRecorded(listener),
      state: () => this.state(),
      log: silentLog,
      ...{ dir, world, inputs, clock },
    });
  }

  async start(): Promise<void> {
    await this.panic.start();
    await this.#socket.start();
  }

  async close(): Promise<void> {
    await this.#socket.close();
    await this.panic.close();
  }

  state(): SimState {
    const { panic, lamp, siren } = this.panic.outputs();
    return { panic, lamp, siren, voice: this.voice.speaking, link: this.link.state, queues: { alarm: 1 } };
  }
}
