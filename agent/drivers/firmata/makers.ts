import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverChoice, DriverMakers, PartHealth } from '../../ports/makers.ts';
import type { DeviceProfile } from '../../ports/profile.ts';
import { RhythmLamp } from '../../ports/rhythm-lamp.ts';
import { FirmataBoard } from './board.ts';
import {
  FirmataBoardConfig,
  FirmataContactConfig,
  FirmataOutputConfig,
  FirmataSensorConfig,
  FirmataServoConfig,
} from './config.ts';
import { FirmataContact } from './contact.ts';
import { OutputPin } from './output-pin.ts';
import { FirmataSensor } from './sensor.ts';
import { FirmataServo } from './servo.ts';
import { FirmataSiren } from './siren.ts';

interface Parts {
  readonly boards: DeviceProfile['boards'];
  readonly clock: DeviceClock;
  readonly log: Log;
  /** How a board is, by its part name `board:NAME`. */
  readonly onHealth: (part: string, health: PartHealth) => void;
}

/** Parts on the boards of a profile. Parts of one board share its line. */
export function firmataMakers({ boards, clock, log, onHealth }: Parts): DriverMakers {
  const byName = new Map(
    boards
      .filter((entry) => entry.with.driver === 'firmata')
      .map((entry) => [
        entry.name,
        new FirmataBoard({
          name: entry.name,
          config: FirmataBoardConfig.parse(entry.with),
          clock,
          log,
          onHealth: (health) => onHealth(`board:${entry.name}`, health),
        }),
      ]),
  );
  const boardOf = (name: string): FirmataBoard => {
    const board = byName.get(name);
    if (board === undefined) throw new WatchpostError('WP4010', { detail: name });
    return board;
  };
  const outputPin = (name: string, use: 'dimmed' | 'switched', choice: DriverChoice): OutputPin => {
    const config = FirmataOutputConfig.parse(choice);
    return new OutputPin({ name, use, config, board: boardOf(config.board) });
  };
  return {
    input: ({ name, kind, with: choice }) => {
      const config = FirmataContactConfig.parse(choice);
      return new FirmataContact({ name, kind, config, clock, board: boardOf(config.board) });
    },
    sensor: ({ name, unit, with: choice }) => {
      const config = FirmataSensorConfig.parse(choice);
      return new FirmataSensor({ name, unit, config, board: boardOf(config.board) });
    },
    lamp: (choice) => new RhythmLamp({ clock, output: outputPin('lamp', 'dimmed', choice) }),
    siren: (choice) => new FirmataSiren({ pin: outputPin('siren', 'switched', choice) }),
    actuator: ({ name, positions, rest, with: choice }) => {
      const config = FirmataServoConfig.parse(choice);
      const restDegrees = positions[rest];
      if (restDegrees === undefined) throw new WatchpostError('WP4030', { detail: `${name}: ${rest}` });
      return new FirmataServo({ name, restDegrees, config, clock, board: boardOf(config.board) });
    },
  };
}
