import { Command } from 'commander';
import { cameraZonesCommand } from './camera-zones.ts';

/** `watchpost camera zones|…` */
export function cameraCommand(): Command {
  return new Command('camera').addCommand(cameraZonesCommand());
}
