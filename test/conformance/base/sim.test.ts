import { SimBase } from '#agent/drivers/sim/base.ts';
import { SimBaseConfig } from '#agent/drivers/sim/config.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { simWorld } from '#test/agent/drivers/sim/sim-world.ts';
import { type BaseRig, baseConformance } from './base.ts';

const ORDERS = { emergencyStop: 'emergency-stop', bumper: 'bumper', lifted: 'lifted' } as const;

const rig = async (noise: object): Promise<BaseRig> => {
  const clock = new ManualDeviceClock();
  const world = simWorld({ pose: { map: 'site', x: 0, y: 0, theta: 0 } });
  const config = SimBaseConfig.parse({ driver: 'sim', map: 'site', noise });
  return {
    base: new SimBase({ world, clock, config }),
    advance: (ms) => clock.advance(ms),
    truth: () => world.pose(),
    press: async (contact, state) => world.robot.order({ do: ORDERS[contact], state }),
    toleranceM: 0.2,
    brakeMps2: config.motors.brakeMps2,
  };
};

baseConformance('sim', () => rig({}));
baseConformance('sim with noise', () => rig({ placeM: 0.03, slip: 0.05 }));
