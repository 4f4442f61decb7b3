import { EventEmitter, once } from 'node:events';
import t from 'tap';
import { FirmataBoard } from '#agent/drivers/firmata/board.ts';
import {
  FirmataBoardConfig,
  FirmataContactConfig,
  FirmataOutputConfig,
  FirmataSensorConfig,
  FirmataServoConfig,
} from '#agent/drivers/firmata/config.ts';
import { FirmataContact } from '#agent/drivers/firmata/contact.ts';
import { OutputPin } from '#agent/drivers/firmata/output-pin.ts';
import { FirmataSensor } from '#agent/drivers/firmata/sensor.ts';
import { FirmataServo } from '#agent/drivers/firmata/servo.ts';
import { FirmataSiren } from '#agent/drivers/firmata/siren.ts';
import { LAMP_RHYTHMS, type LampStep } from '#agent/ports/lamp-rhythm.ts';
import { LAMP_PATTERNS, type LampPattern } from '#agent/ports/outputs.ts';
import { RhythmLamp } from '#agent/ports/rhythm-lamp.ts';
import { ManualDeviceClock, silentLog } from '#test/agent/behaviours/fakes.ts';
import { actuatorConformance } from '#test/conformance/driver/actuator.ts';
import { contactConformance } from '#test/conformance/driver/contact.ts';
import { lampConformance, sirenConformance } from '#test/conformance/driver/outputs.ts';
import { sensorConformance } from '#test/conformance/driver/sensor.ts';
import { NO_BOARD, TestBoard } from '../board/board.ts';

const CONTACT = 2;
const LAMP = 6;
const SIREN = 8;
const SERVO = 9;
const KEEPER = 12;
/** Rhythms are told apart by what is seen in so long. */
const LOOK_MS = 2_000;
const STEP_MS = 100;
const DEBOUNCE_MS = 20;
/** By then at the latest a pulled cable is found out. */
const HEARTBEAT_MS = 1_000;

if (NO_BOARD === false) await runSuites();
else t.test('the conformance suites on a board', { skip: NO_BOARD }, async () => undefined);

/** All parts share one board, which an idle contact keeps open from suite to suite. */
async function runSuites(): Promise<void> {
  t.setTimeout(300_000);
  const uno = await TestBoard.make(t);
  const clock = new ManualDeviceClock();
  const health = new EventEmitter();
  const board = new FirmataBoard({
    name: 'post',
    config: FirmataBoardConfig.parse({ driver: 'firmata', port: uno.port }),
    clock,
    log: silentLog,
    onHealth: ({ state }) => health.emit(state),
  });
  const contactOn = (pin: number) =>
    new FirmataContact({
      name: `contact-${pin}`,
      kind: 'button',
      config: FirmataContactConfig.parse({
        ...{ driver: 'firmata', board: 'post' },
        ...{ pin, debounceMs: DEBOUNCE_MS },
      }),
      board,
      clock,
    });
  const outputOn = (name: string, pin: number, use: 'dimmed' | 'switched') => {
    const config = FirmataOutputConfig.parse({ driver: 'firmata', board: 'post', pin });
    return new OutputPin({ name, use, config, board });
  };
  const obeyed = async () => {
    await board.session?.barrier();
    await board.session?.barrier();
  };
  const keeper = contactOn(KEEPER);
  await keeper.start({ edge: () => undefined, lost: () => undefined, back: () => undefined });
  t.teardown(() => keeper.close());

  contactConformance('firmata', async () => ({
    contact: contactOn(CONTACT),
    move: async (active) => {
      await uno.wire(CONTACT, active ? 0 : 'open');
      await obeyed();
      await clock.advance(DEBOUNCE_MS);
    },
    sinceBootMs: () => clock.sinceBootMs(),
    dispose: () => uno.wire(CONTACT, 'open'),
  }));

  lampConformance('firmata', async () => ({
    lamp: new RhythmLamp({ clock, output: outputOn('lamp', LAMP, 'dimmed') }),
    seen: async () => {
      const levels: number[] = [];
      for (let ms = 0; ms < LOOK_MS; ms += STEP_MS) {
        await obeyed();
        levels.push(await uno.level(LAMP));
        await clock.advance(STEP_MS);
      }
      return patternOf(levels);
    },
  }));

  sirenConformance('firmata', async () => ({
    siren: new FirmataSiren({ pin: outputOn('siren', SIREN, 'switched') }),
    heard: async () => {
      await obeyed();
      return (await uno.level(SIREN)) > 0;
    },
  }));

  actuatorConformance('firmata', async () => ({
    actuator: new FirmataServo({
      name: 'barrier',
      restDegrees: 20,
      config: FirmataServoConfig.parse({ driver: 'firmata', board: 'post', pin: SERVO }),
      board,
      clock,
    }),
    stands: async () => {
      const us = await uno.pulse(SERVO);
      return us < 0 ? null : ((us - 544) / (2400 - 544)) * 180;
    },
    tolerance: 1,
  }));

  const [low, high] = [-10, 40];
  sensorConformance('firmata', async () => ({
    sensor: new FirmataSensor({
      name: 'level',
      unit: 'm',
      config: FirmataSensorConfig.parse({
        ...{ driver: 'firmata', board: 'post', pin: 'A1', mode: 'analog' },
        ...{ low, high },
      }),
      board,
    }),
    set: async (level) => {
      if (level === 'fail') {
        await uno.unplug();
        await clock.advance(HEARTBEAT_MS);
        return;
      }
      if (board.session === null) {
        const found = once(health, 'ok');
        await uno.plugIn();
        await clock.advance(3_000);
        await found;
      }
      await uno.feed(1, ((level - low) / (high - low)) * 5000);
      await obeyed();
    },
    tolerance: (high - low) / 1023,
  }));
}

/** The pattern whose rhythm begins like these levels, one every 100 ms; null is dark. */
function patternOf(levels: readonly number[]): LampPattern | null {
  if (levels.every((level) => level === 0)) return null;
  const shown = levels.join(' ');
  return LAMP_PATTERNS.find((pattern) => expectedOf(LAMP_RHYTHMS[pattern]).join(' ') === shown) ?? null;
}

function expectedOf(rhythm: readonly LampStep[]): number[] {
  const levels: number[] = [];
  while (levels.length < LOOK_MS / STEP_MS) {
    for (const { level, forMs } of rhythm) {
      const steps = Math.min(forMs / STEP_MS, LOOK_MS / STEP_MS);
      for (let n = 0; n < steps; n += 1) levels.push(Math.round(level * 255));
    }
  }
  return levels.slice(0, LOOK_MS / STEP_MS);
}
