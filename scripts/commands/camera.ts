import { Command } from 'commander';
import { cameraModelCommand } from './camera-model.ts';
import { cameraZonesCommand } from './camera-zones.ts';

/** `watchpost camera zones|model …` */
export function cameraCommand(): Command {
  return new Command('camera').addCommand(cameraZonesCommand()).addCommand(cameraModelCommand());
}
