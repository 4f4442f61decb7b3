import { SimActuator } from '#agent/drivers/sim/actuator.ts';
import { SimContact } from '#agent/drivers/sim/contact.ts';
import { SimLamp } from '#agent/drivers/sim/lamp.ts';
import { SimSensor } from '#agent/drivers/sim/sensor.ts';
import { SimSiren } from '#agent/drivers/sim/siren.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { simWorld } from '#test/agent/drivers/sim/sim-world.ts';
import { actuatorConformance } from './actuator.ts';
import { contactConformance } from './contact.ts';
import { lampConformance, sirenConformance } from './outputs.ts';
import { sensorConformance } from './sensor.ts';

contactConformance('sim', async () => {
  const clock = new ManualDeviceClock();
  const world = simWorld();
  return {
    contact: new SimContact({ name: 'button', kind: 'button', world, clock }),
    move: async (active) => {
      await clock.advance(100);
      world.setContact('button', active);
    },
    sinceBootMs: () => clock.sinceBootMs(),
    dispose: async () => undefined,
  };
});

lampConformance('sim', async () => {
  const world = simWorld();
  return { lamp: new SimLamp({ name: 'lamp', world }), seen: () => world.lamp };
});

sirenConformance('sim', async () => {
  const world = simWorld();
  return { siren: new SimSiren({ name: 'siren', world }), heard: () => world.siren === 'on' };
});

sensorConformance('sim', async () => {
  const world = simWorld();
  return {
    sensor: new SimSensor({ name: 'water', unit: '1', world }),
    set: async (level) => world.setSensor('water', level),
  };
});

actuatorConformance('sim', async () => {
  const world = simWorld();
  return {
    actuator: new SimActuator({ name: 'barrier', restDegrees: 20, world }),
    stands: () => world.actuators.get('barrier') ?? null,
    tolerance: 0,
  };
});
