import { Command, InvalidArgumentError } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { greyPicture, pictureFrom } from '../cameras/model-picture.ts';
import { type ModelTrial, tryModel } from '../cameras/model-trial.ts';
import { type CameraChoice, profileCamera } from '../cameras/profile-camera.ts';

interface ModelOptions extends CameraChoice {
  readonly input?: string;
  readonly at: number;
  readonly looks: number;
  readonly json?: true;
}

/** `watchpost camera model --profile FILE [--site-file FILE --device ID] [--input FILE|URL [--at S]] [--looks N] [--json]` */
export function cameraModelCommand(): Command {
  return new Command('model')
    .description('load the learned detector of a profile, and show what it sees and how long it takes')
    .requiredOption('--profile <file>', 'the device’s profile, with camera.model')
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--device <id>', 'which device of the site file')
    .option(
      '--input <file-or-url>',
      'what it is to look at: a .png, a video, or a camera; without it, plain grey',
    )
    .option('--at <seconds>', 'which picture of a video or camera', seconds, 0)
    .option('--looks <n>', 'how many looks to time', looks, 10)
    .option('--json', 'print only one line of JSON')
    .addHelpText('after', HELP)
    .action(model);
}

const HELP = `
Boxes are [x, y, width, height] in fractions of the picture. Nothing is written, and no picture leaves the machine.
A model that does not fit its description is refused with a code, and with what the model has (exit 1).`;

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 3600) return value;
  throw new InvalidArgumentError('use 0 to 3600 seconds');
}

function looks(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError('use 1 to 1000 looks');
}

/** Throws WP2459 for a profile without a model, WP5062 for one without a camera; see pictureFrom and tryModel. */
async function model(options: ModelOptions): Promise<void> {
  const camera = profileCamera(options);
  if (camera.model === undefined) throw new WatchpostError('WP2459', { detail: options.profile });
  const { input, at } = options;
  const picture =
    input === undefined ? greyPicture(camera.width) : await pictureFrom(input, camera.width, at);
  const trial = await tryModel(camera.model, picture, options.looks);
  process.stdout.write(options.json === true ? `${JSON.stringify(trial)}\n` : textOf(trial));
}

function textOf({ backend, loadMs, outputs, sights, looks: count, lookMs }: ModelTrial): string {
  const lines = [
    `backend  ${backend}, loaded in ${loadMs} ms`,
    `outputs  ${outputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')}`,
    `a look   ${lookMs.p50} ms (median of ${count}), ${lookMs.p99} ms (slowest hundredth)`,
    sights.length === 0 ? 'it sees nothing that it names' : 'it sees',
    ...sights.map(({ label, score, box }) => {
      const place = box.map((fraction) => fraction.toFixed(3)).join(', ');
      return `  ${label.padEnd(16)} ${score.toFixed(3)}  [${place}]`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
